package agent

import (
	"strconv"
)

// receiptWords are the English words of a slip, by the part of the key behind
// "receipt.".
var receiptWords = map[string]string{
	"service_cash_withdrawal": "Cash withdrawal (AePS)",
	"service_balance_enquiry": "Balance enquiry (AePS)",
	"service_mini_statement":  "Mini statement (AePS)",
	"service_aadhaar_pay":     "Aadhaar Pay (AePS)",

	"state_started":        "Not finished",
	"state_captured":       "Not finished",
	"state_sending":        "Result not known yet",
	"state_succeeded":      "Successful",
	"state_failed":         "Failed",
	"state_pending":        "Result not known yet",
	"state_refund_pending": "Failed, refund on its way",
	"state_refunded":       "Failed, refunded",
	"state_abandoned":      "Given up, nothing was sent",

	"notice_started":        "THIS IS NOT A RECEIPT.",
	"notice_captured":       "THIS IS NOT A RECEIPT.",
	"notice_sending":        "THE RESULT IS NOT FINAL.",
	"notice_pending":        "THE RESULT IS NOT FINAL. If the account was debited and no cash was paid, the bank must put it right within 5 days.",
	"notice_failed":         "FAILED. No cash was paid.",
	"notice_refund_pending": "FAILED. No cash was paid. The result is not final: the refund is on its way.",
	"notice_refunded":       "FAILED. No cash was paid. The account has been refunded.",
	"notice_abandoned":      "GIVEN UP. Nothing was sent and no cash was paid.",

	// Of a service that moves no money.
	"notice_failed_enquiry":    "FAILED.",
	"notice_pending_enquiry":   "THE RESULT IS NOT FINAL.",
	"notice_abandoned_enquiry": "GIVEN UP. Nothing was sent.",

	"simulated": "SIMULATED: no real money has moved.",
	"thanks":    "Thank you.",

	"result": "Result", "date_time": "Date and time", "merchant": "Merchant", "shop": "Shop", "location": "Place",
	"agent_id": "Agent id", "terminal_id": "Terminal", "customer": "Customer", "mobile": "Mobile", "aadhaar": "Aadhaar",
	"bank": "Bank", "amount": "Amount", "balance": "Balance", "rrn": "RRN", "stan": "STAN", "auth_code": "UIDAI code",
	"response_code": "Response", "tid": "Eko TID", "client_ref_id": "Reference",
	"date": "Date", "type": "Type", "narration": "Narration",
}

// rupees writes an amount as Indians group it: 12,34,567.
func rupees(n int64) string {
	digits := decimal(n)
	if len(digits) <= 3 {
		return digits
	}
	head, tail := digits[:len(digits)-3], digits[len(digits)-3:]
	for len(head) > 2 {
		tail = head[len(head)-2:] + "," + tail
		head = head[:len(head)-2]
	}
	return head + "," + tail
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
