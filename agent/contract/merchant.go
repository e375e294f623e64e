package contract

import "time"

// MerchantStep names one of the retailer's own steps, done with his own finger
// and Aadhaar number.
type MerchantStep string

// The steps. MerchantDaily is done once a day in India, MerchantToken before a
// withdrawal where Eko wants that; the others once in a merchant's life.
const (
	MerchantDaily      MerchantStep = "daily"
	MerchantToken      MerchantStep = "withdrawal"
	MerchantRegister   MerchantStep = "register"
	MerchantEKYCOTP    MerchantStep = "ekyc_request_otp"
	MerchantEKYCVerify MerchantStep = "ekyc_verify_otp"
	MerchantEKYCFinger MerchantStep = "ekyc_biometric"
)

// MerchantDue is something that the merchant has to see to.
type MerchantDue string

// What can be due, in the order in which it has to be done. DueRegister stands in
// DueEKYC's place for an account that registers its merchants.
const (
	DueService      MerchantDue = "service"
	DueEKYC         MerchantDue = "ekyc"
	DueRegister     MerchantDue = "register"
	DueAuthenticate MerchantDue = "authenticate"
	DueToken        MerchantDue = "withdrawal_token"
)

// The states of a merchant's service with Eko. ServiceUnknown says that Eko
// could not be asked.
const (
	ServiceActivated    = "activated"
	ServiceDeactivated  = "deactivated"
	ServicePending      = "pending"
	ServiceNotRequested = "not_requested"
	ServiceUnknown      = "unknown"
)

// MerchantService is Eko's AePS service, "43" or "52", and how it stands.
type MerchantService struct {
	Code  string `json:"code"`
	State string `json:"state"`
}

// Merchant answers merchant.status.
type Merchant struct {
	UserCode string          `json:"user_code"`
	Service  MerchantService `json:"service"`
	// EKYCDone is true where a step done through this PC (eKYC, registration, or a
	// day's authentication, which needs one) proved it. Eko can't be
	// asked, so false says only that this PC has not seen it.
	EKYCDone bool `json:"ekyc_done"`
	// AuthenticatedToday holds until midnight in India, or until Eko wants the
	// finger once more.
	AuthenticatedToday bool       `json:"authenticated_today"`
	AuthenticatedAt    *time.Time `json:"authenticated_at,omitempty"`
	// TokenNeeded says that a withdrawal would need MerchantToken first.
	TokenNeeded bool `json:"token_needed"`
	// Unclear says that a step was sent today, last of its kind, and nobody knows
	// what became of it.
	Unclear bool          `json:"unclear"`
	Due     []MerchantDue `json:"due"`
	// Day is today in India, YYYY-MM-DD.
	Day string `json:"day"`
}

// MerchantResult answers a merchant's step. It never holds the Aadhaar number,
// the finger or the token of a withdrawal.
type MerchantResult struct {
	Step        MerchantStep `json:"step"`
	ClientRefID string       `json:"client_ref_id"`
	// State is Succeeded, Failed or Pending. Pending is an unclear answer: the
	// step may have been done and charged, and is not repeated by itself.
	State   State  `json:"state"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	// Cause is Eko's own text, empty where it gave none.
	Cause string   `json:"cause,omitempty"`
	TID   string   `json:"tid,omitempty"`
	Eko   EkoCodes `json:"eko"`
	// OTPRefID and ReferenceTID go into the next step of the eKYC.
	OTPRefID     string           `json:"otp_ref_id,omitempty"`
	ReferenceTID string           `json:"reference_tid,omitempty"`
	Device       *DeviceSummary   `json:"device,omitempty"`
	Simulated    bool             `json:"simulated,omitempty"`
	Warnings     []LocalisedPoint `json:"warnings,omitempty"`
}

// OTPRequest answers aeps.request_otp.
type OTPRequest struct {
	OTPRequestID string `json:"otp_request_id"`
}
