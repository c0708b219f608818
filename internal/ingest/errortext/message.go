package errortext

import (
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// A Message is what a text states of a refusal. Empty fields are not stated.
type Message struct {
	Code      string `json:"code,omitempty"`      // S3's error code; "" where only the status is known, as after HEAD
	Status    int    `json:"status,omitempty"`    // HTTP status
	Operation string `json:"operation,omitempty"` // API operation, as the client names it
	Text      string `json:"message,omitempty"`   // the message in one line

	Principal string `json:"principal,omitempty"` // ARN of who asked
	Action    string `json:"action,omitempty"`    // permission that was missing
	Resource  string `json:"resource,omitempty"`  // ARN

	Refusal   *Refusal `json:"refusal,omitempty"`   // what the wording tells; nil where it tells nothing
	PolicyARN string   `json:"policyArn,omitempty"` // of the policy that denies, where AWS names it

	RequestID string `json:"requestId,omitempty"`
	HostID    string `json:"hostId,omitempty"`

	// Details are the further elements of an error's XML, such as Region,
	// ServerTime or HeadersNotSigned. Secrets are not among them.
	Details map[string]string `json:"details,omitempty"`
}

// A Refusal is the gate that a wording or code names.
type Refusal struct {
	Gate   iam.Gate    `json:"gate"`
	Kind   iam.Kind    `json:"kind"`
	Reason reason.Code `json:"reason"`
}

// longest is how much of a text is read; no client prints more about one error.
const longest = 128 << 10

// Parse returns what a text states of the first refusal in it. ok is false where
// nothing in the text looks like an answer of AWS. Of a text longer than 128 KiB
// the end is read, where programs put what made them stop.
func Parse(text string) (m Message, ok bool) {
	if len(text) > longest {
		text = strings.ToValidUTF8(text[len(text)-longest:], "")
	}
	t := Hide(prepare(text))
	m.client(t)
	m.elements(t)
	m.sentence(squeeze(t))
	if m.Code == "" {
		m.Code = bareCode(t)
	}
	if m.Text == "" && m.Code != "" {
		m.Text = behind(t, m.Code)
	}
	if m.Refusal == nil {
		m.Refusal = m.byCode()
	}
	if m.Status == 0 {
		m.Status = statusOf[m.Code]
	}
	return m, m.Code != "" || m.Status >= 400 || m.Action != ""
}

// DetailNames are the names of the details, sorted.
func (m *Message) DetailNames() []string { return slices.Sorted(maps.Keys(m.Details)) }
