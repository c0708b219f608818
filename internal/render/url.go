package render

import (
	"io"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest/presigned"
)

// URL writes what a presigned URL states and what is wrong with it. The further
// lines say what was found out about its signature.
func URL(w io.Writer, u *presigned.URL, further []string, o Options) error {
	p := &page{Options: o}
	target := "s3://" + u.Bucket + "/" + u.Key
	if u.AccessPoint != "" {
		target = "access point " + u.AccessPoint + ", key " + u.Key
	}
	if u.Kind == "cloudfront" {
		target = u.Host
	}
	p.line(p.style(bold, "URL") + "  " + clean(strings.TrimSpace(u.Method+" "+u.Operation)) + "  " + clean(target))
	p.row("host", clean(u.Host))
	if u.AccessKeyID != "" {
		kind := "a long-term access key"
		if u.Temporary {
			kind = "an access key of a session"
		}
		p.row("signed", clean(strings.TrimSpace("with "+u.AccessKeyID+", "+kind+", "+scopeWords(u))))
	}
	if u.SignedAt != nil {
		p.row("from", u.SignedAt.Format(time.RFC3339))
	}
	if u.Expires != nil {
		p.row("until", u.Expires.Format(time.RFC3339))
	}
	if len(u.SignedHeaders) > 0 {
		p.row("headers", clean(strings.Join(u.SignedHeaders, ", ")))
	}
	p.blank()
	if len(u.Problems) == 0 {
		p.row("form", "nothing is wrong with the URL itself")
	}
	for i, problem := range u.Problems {
		label := ""
		if i == 0 {
			label = "problem"
		}
		p.coded(label, clean(problem.Summary), string(problem.Reason))
	}
	p.cleaned("signature", further)
	_, err := io.WriteString(w, p.String())
	return err
}

func scopeWords(u *presigned.URL) string {
	if u.Kind == "v2" {
		return "Signature Version 2"
	}
	return "for " + u.Service + " in " + u.Region
}
