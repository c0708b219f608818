package doctor

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"time"
)

// token says why the token of an OIDC provider in a file gives nothing, "" where it
// may. Of the token its expiry alone is looked at (RFC 7519, section 4.1.4).
func (e *examination) token(path string) string {
	if why := readable(path); why != "" {
		return why
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "it cannot be read"
	}
	parts := strings.Split(strings.TrimSpace(string(data)), ".")
	if len(parts) != 3 {
		return "it holds no token of an OIDC provider"
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct{ Exp float64 }
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return "it holds no token of an OIDC provider"
	}
	if at := time.Unix(int64(claims.Exp), 0).UTC(); claims.Exp > 0 && at.Before(e.Now()) {
		return "its token has expired, at " + at.Format(time.RFC3339)
	}
	return ""
}
