package proxy

import (
	"encoding/json"
	"encoding/xml"
	"strings"

	"github.com/why403/why403/internal/sigv4"
)

// learn takes the credentials out of an answer: the XML of STS (AssumeRole and its
// kin, GetSessionToken, GetFederationToken), or the JSON of IAM Identity Center
// (GetRoleCredentials).
func learn(body []byte, learned func(sigv4.Credential)) {
	var center struct {
		RoleCredentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	}
	if json.Unmarshal(body, &center) == nil {
		c := center.RoleCredentials
		tell(learned, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
		return
	}
	d := xml.NewDecoder(strings.NewReader(string(body)))
	for {
		t, err := d.Token()
		if err != nil { // the end, or no XML
			return
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "Credentials" {
			continue
		}
		var c struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
		}
		if d.DecodeElement(&c, &start) == nil {
			tell(learned, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
		}
	}
}

func tell(learned func(sigv4.Credential), id, secret, token string) {
	if id != "" && secret != "" {
		learned(sigv4.Credential{AccessKeyID: id, Secret: secret, SessionToken: token})
	}
}
