package errortext

import (
	"regexp"
	"strconv"
	"strings"
)

// The forms in which clients print an error. A group named as a field of Message
// fills it in; what was found first stays.
var forms = []*regexp.Regexp{
	// AWS CLI, boto3
	regexp.MustCompile(`An error occurred \((?P<code>\w+)\) when calling the (?P<operation>\w+) operation(?: \(reached max retries: \d+\))?: (?P<text>(?s:.*))`),
	// AWS SDK for Go v2, and Terraform on it
	regexp.MustCompile(`operation error [\w ]+: (?P<operation>\w+),(?s:.*?)StatusCode: (?P<status>\d+), RequestID: (?P<request>[\w-]*)(?:, HostID: (?P<host>[\w+/=-]*))?,\s+(?:api error )?(?P<code>\w+)(?:: (?P<text>(?s:.*)))?`),
	// AWS SDK for Java, v1
	regexp.MustCompile(`(?:[^\n]*Exception: )?(?P<text>[^\n]*?) \(Service: Amazon S3; Status Code: (?P<status>\d+); Error Code: (?P<code>[\w ]+); Request ID: (?P<request>[\w-]+)(?:; S3 Extended Request ID: (?P<host>[\w+/=-]+))?`),
	// AWS SDK for Java, v2
	regexp.MustCompile(`(?:[^\n]*Exception: )?(?P<text>[^\n]*?) \(Service: \w+, Status Code: (?P<status>\d+), Request ID: (?P<request>[\w-]+)(?:, Extended Request ID: (?P<host>[\w+/=-]+))?`),
	// AWS SDK for Go v1, rclone
	regexp.MustCompile(`\b(?P<code>[A-Z]\w+): (?P<text>[^\n]*)\n\s*status code: (?P<status>\d+), request id: (?P<request>[\w-]*)(?:, host id: (?P<host>[\w+/=-]*))?`),
	// s3cmd
	regexp.MustCompile(`S3 error: (?P<status>\d+) \((?P<code>\w+)\)(?:: (?P<text>[^\n]*))?`),
	// AWS SDK for JavaScript
	regexp.MustCompile(`(?m)^\s*(?:\w+ )?(?P<code>[A-Z][A-Za-z]+): (?P<text>[^\n]*)\n(?s:.*?)(?:httpStatusCode|statusCode): (?P<status>\d+)(?s:.*?requestId: '(?P<request>[\w-]+)')?`),
	// AWS SDK for Ruby
	regexp.MustCompile(`Aws::\w+::Errors::(?P<code>\w+)(?: \((?P<text>[^\n]*)\))?`),
	// CloudTrail
	regexp.MustCompile(`"eventName"\s*:\s*"(?P<operation>\w+)"`),
	regexp.MustCompile(`"errorCode"\s*:\s*"(?:Client\.)?(?P<code>\w+)"`),
	regexp.MustCompile(`"errorMessage"\s*:\s*"(?P<text>(?s:.*?))"\s*[,}]\s*(?:"\w+"\s*:|$|\n|\})`),
	regexp.MustCompile(`"requestID"\s*:\s*"(?P<request>[\w-]+)"`),
	// what several print
	regexp.MustCompile(`(?i)\b(?:HTTP(?:/[\d.]+)?|status(?: code)?|response code)[: ]+(?P<status>[45]\d\d)\b`),
	regexp.MustCompile(`(?i)\bx-amz-request-id:\s*(?P<request>\w+)`),
	regexp.MustCompile(`\b(?P<status>40[0135]|412|416)[: ]+(?:Forbidden|Bad Request|Moved Permanently|Unauthorized|Not Found|Method Not Allowed)\b`),
}

// client reads the form that a client gives an error.
func (m *Message) client(text string) {
	for _, form := range forms {
		found := form.FindStringSubmatch(text)
		for i, name := range form.SubexpNames() {
			if found == nil || name == "" || found[i] == "" {
				continue
			}
			m.fill(name, found[i])
		}
	}
}

func (m *Message) fill(name, value string) {
	set := func(field *string) {
		if *field == "" {
			*field = value
		}
	}
	switch name {
	case "code":
		if value = strings.ReplaceAll(value, " ", ""); isNumber(value) { // as after HEAD
			m.fill("status", value)
			return
		}
		if value != "Forbidden" && value != "Unknown" && value != "UnknownError" && value != "Error" {
			set(&m.Code)
		}
	case "status":
		if n, err := strconv.Atoi(value); err == nil && m.Status == 0 {
			m.Status = n
		}
	case "operation":
		set(&m.Operation)
	case "text":
		if value = oneLine(value); value != "Forbidden" {
			set(&m.Text)
		}
	case "request":
		set(&m.RequestID)
	case "host":
		set(&m.HostID)
	}
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// oneLine joins the first paragraph of a text.
func oneLine(text string) string {
	text = strings.TrimLeft(text, " \t\n")
	if i := strings.Index(text, "\n\n"); i >= 0 {
		text = text[:i]
	}
	return strings.Join(strings.Fields(text), " ")
}

var element = regexp.MustCompile(`(?s)<([\w-]+)>\s*([^<]*?)\s*</([\w-]+)>`)

// shown are the elements of S3's errors that help, and tell no secret.
var shown = map[string]bool{"Region": true, "Endpoint": true, "Bucket": true, "BucketName": true, "Key": true, "VersionId": true, "Expires": true, "ServerTime": true,
	"X-Amz-Expires": true, "X-Amz-Date": true, "RequestTime": true, "MaxAllowedSkewMilliseconds": true, "HeadersNotSigned": true, "AWSAccessKeyId": true,
	"StorageClass": true, "AccessTier": true, "Method": true, "ResourceType": true, "ArgumentName": true, "ArgumentValue": true, "Condition": true}

// elements reads the XML that S3 answers with, as browsers and curl show it.
func (m *Message) elements(text string) {
	if !strings.Contains(text, "<Error>") && !strings.Contains(text, "<Code>") {
		return
	}
	for _, e := range element.FindAllStringSubmatch(text, -1) {
		name, value := e[1], oneLine(e[2])
		if name != e[3] || value == "" {
			continue
		}
		switch {
		case name == "Code":
			m.Code = value
		case name == "Message":
			m.Text = value
		case name == "RequestId":
			m.fill("request", value)
		case name == "HostId":
			m.fill("host", value)
		case shown[name]:
			if m.Details == nil {
				m.Details = map[string]string{}
			}
			m.Details[name] = value
		}
	}
}
