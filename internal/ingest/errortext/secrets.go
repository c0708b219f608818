package errortext

import (
	"regexp"
	"strings"
)

// secrets are settings, members of JSON, headers and query parameters whose values
// are secret, as people paste them along with a message.
var secrets = regexp.MustCompile(`(?i)((?:secret_?access_?key|secret_?key|session_?token|security-token|sse-?customer-?key|encryption-customer-key|x-amz-signature|authorization: ?aws4-hmac-sha256)["']?(?:\s*[=:]\s*|\s+)["']?)[^\s"'&,<>]+`)

// mayHold are parts of the names above, in the forms in which they are written.
var mayHold = []string{"ecret", "ECRET", "oken", "OKEN", "ustomer", "USTOMER", "ignature", "4-HMAC"}

// Hide replaces secrets in a text by "(hidden)".
func Hide(text string) string {
	for _, part := range mayHold {
		if strings.Contains(text, part) {
			return secrets.ReplaceAllString(text, "${1}(hidden)")
		}
	}
	return text
}
