package redact

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text replaces all that is a name in a text. It does not look at where the text
// stands, so that the same name becomes the same wherever it is met.
func (r *Redactor) Text(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		rest := text[i:]
		kept, replaced, n := r.special(rest, beforeOf(text, i))
		switch {
		case n > 0 && kept:
			out.WriteString(rest[:n])
		case n > 0:
			out.WriteString(replaced)
		default:
			word := run(rest)
			if n = len(word); n > 0 {
				out.WriteString(r.word(word))
				break
			}
			_, n = utf8.DecodeRuneInString(rest)
			out.WriteString(rest[:n])
		}
		i += n
	}
	return out.String()
}

// beforeOf is the character before a place, 0 at the beginning.
func beforeOf(text string, i int) rune {
	if i == 0 {
		return 0
	}
	c, _ := utf8.DecodeLastRuneInString(text[:i])
	return c
}

// The forms of ids, and what of AWS's stands in names.
var (
	ownWords       = regexp.MustCompile(`^(aws-service-role|aws-reserved|AWSServiceRoleFor|AWSReservedSSO|s3alias|anonymous$|65a011a29cdf8ec533ec3d1ccaae921c|FullAWSAccess$|RCPFullAWSAccess$|(accounts\.google\.com|token\.actions\.githubusercontent\.com|graph\.facebook\.com|www\.amazon\.com)|https?://acs\.amazonaws\.com/groups/[A-Za-z0-9/]+|https?://|%[0-9A-F]{2}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)`)
	accessIdentity = regexp.MustCompile(`^arn:[a-z-]+:iam::cloudfront:user/CloudFront Origin Access Identity `)

	prefixes = regexp.MustCompile(`^(o|r|ou)-[a-z0-9]`)
	hosts    = regexp.MustCompile(`^([a-z0-9-]+\.)*amazonaws\.com(\.cn)?`)
	uniqueID = regexp.MustCompile(`^(ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA)([A-Z0-9]{8,})`)
	hexID    = regexp.MustCompile(`^(vpce-|vpc-|mrk-)?([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})`)
	vpcID    = regexp.MustCompile(`^(vpce-|vpc-)([0-9a-f]{1,17})`)
)

// versionMark stands between the source of a copy and its version.
const versionMark = "?versionId="

// special looks for what is no row of words, at the beginning of a text: n is how much
// of it, kept that it stays.
func (r *Redactor) special(text string, before rune) (kept bool, replaced string, n int) {
	switch {
	case strings.HasPrefix(text, "${"):
		if end := strings.IndexByte(text, '}'); end > 0 {
			return false, r.variable(text[:end+1]), end + 1
		}
	case strings.HasPrefix(text, versionMark):
		return true, "", len(versionMark)
	case unicode.IsLetter(before) || isDigit(before):
		return false, "", 0 // in the middle of a word
	case accessIdentity.MatchString(text):
		return true, "", len(accessIdentity.FindString(text))
	case strings.HasPrefix(text, "arn:"):
		n = endOfARN(text)
		return false, r.arn(text[:n]), n
	}
	if n = len(ownWords.FindString(text)); n > 0 {
		return true, "", n
	}
	if host := hosts.FindString(text); host != "" && ends(text, len(host)) {
		return false, r.host(host), len(host)
	}
	if before != '-' && prefixes.MatchString(text) {
		return true, "", strings.IndexByte(text, '-') + 1
	}
	for _, form := range []struct {
		*regexp.Regexp
		alphabet string
	}{{uniqueID, uppers}, {hexID, hexa}, {vpcID, hexa}} {
		if m := form.FindStringSubmatch(text); m != nil && ends(text, len(m[0])) {
			out := m[1] + r.id(form.alphabet, m[2])
			r.note(out, m[0])
			return false, out, len(m[0])
		}
	}
	return false, "", 0
}

func (r *Redactor) id(alphabet, text string) string {
	if r.learning {
		return text
	}
	return r.spell(alphabet, text)
}

// ends reports that no word goes on at a place.
func ends(text string, at int) bool {
	c, _ := utf8.DecodeRuneInString(text[at:])
	return at == len(text) || !unicode.IsLetter(c) && !isDigit(c)
}

// host keeps the name of a service, and replaces a bucket's in front of it.
func (r *Redactor) host(host string) string {
	at := strings.LastIndex(host, ".s3.")
	if at < 0 {
		at = strings.LastIndex(host, ".s3-")
	}
	if at < 0 || host[:at] == "logging" || host[:at] == "delivery.logs" {
		return host
	}
	return r.Text(host[:at]) + host[at:]
}

// variable replaces the tag in a policy variable, and what stands for it where it has
// no value.
func (r *Redactor) variable(text string) string {
	name, other, has := strings.Cut(text[2:len(text)-1], ",")
	out := "${" + r.key(name)
	if has {
		out += "," + r.Text(other)
	}
	return out + "}"
}
