package rdsim

// Quirk is one way in which a vendor's service differs from the plain reading of
// the specification. The sections are rd-service.md's.
type Quirk string

// Shapes of answers (sections 2 and 5.1).
const (
	SingleQuotes    Quirk = "single_quotes"     // every attribute, and a blank in Data's type= 'X'
	NoDeclaration   Quirk = "no_declaration"    // no <?xml …?>
	OneLine         Quirk = "one_line"          // nothing between the elements
	XSI             Quirk = "xsi"               // xmlns:xsi and xmlns:xsd on PidData
	RespLast        Quirk = "resp_last"         // DeviceInfo first, Resp last
	InfoFirst       Quirk = "info_first"        // the Interface DEVICEINFO before CAPTURE
	InfoBeforeState Quirk = "info_before_state" // RDService@info before @status
	EmptyCounts     Quirk = "empty_counts"      // iCount, pCount, pgCount, pTimeout are ""
	ScoreNewline    Quirk = "score_newline"     // a line break in qScore
	ScoreNull       Quirk = "score_null"        // qScore="null"
	ScoreTwo        Quirk = "score_two"         // qScore="2" on a good scan
	EmptyErrInfo    Quirk = "empty_err_info"    // errInfo="" on a good scan
	SelfClosed      Quirk = "self_closed"       // DeviceInfo without additional_info
	Lines64         Quirk = "lines_64"          // base64 broken into lines
	NotXMLType      Quirk = "not_xml_type"      // RDSERVICE and CAPTURE not labelled XML
	StatusInInfo    Quirk = "status_in_info"    // the info text tells the state
	BioEnableIDs    Quirk = "bioenable_ids"     // Interfaces INFO and PROCESS_CALL
	LaggedTS        Quirk = "lagged_ts"         // Data's time is 5 to 21 s before the answer's
	CAMark          Quirk = "ca_mark"           // the certificate says CA:TRUE
	Unregistered    Quirk = "unregistered"      // empty identity
	NoInfoInterface Quirk = "no_info_interface" // the Interface DEVICEINFO is missing
)

// What is accepted (section 4.1).
const (
	NoCustOpts  Quirk = "no_cust_opts" // CustOpts gives 100
	NeedsEnv    Quirk = "needs_env"    // a missing or unknown env gives -1524
	OnlyEnvP    Quirk = "only_env_p"   // S and PP give 100
	ACPLRules   Quirk = "acpl_rules"   // timeout between 1 and 120 s; a bad env gives 220
	OldFType    Quirk = "old_ftype"    // fType 2 gives 110
	Iris        Quirk = "iris"         // eyes, no fingers
	OptionalVer Quirk = "optional_ver" // PidOptions@ver may be left out
	EmptyBios   Quirk = "empty_bios"   // an empty Bios element is accepted
	PageOptions Quirk = "page_options" // pgCount and pTimeout are accepted
	POSTToo     Quirk = "post_too"     // POST does what CAPTURE or DEVICEINFO does
	AnyRDPath   Quirk = "any_rd_path"  // RDSERVICE is answered on the DEVICEINFO path too
)

// Behaviour (sections 2.2 and 8).
const (
	CutReused Quirk = "cut_reused" // a connection's second request is cut
	Settles   Quirk = "settles"    // -1509 and NOTREADY for a while after plug-in
	TLS10     Quirk = "tls_1.0"    // speaks nothing newer
	TLS12     Quirk = "tls_1.2"    // speaks nothing newer or older
)
