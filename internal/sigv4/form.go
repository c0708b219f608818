package sigv4

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxFormFields bounds names and values of the fields before the file;
// maxFormRaw bounds what is read on the way to the file, part headers included.
const (
	maxFormFields = 20 << 10
	maxFormRaw    = 128 << 10
)

// A FormField is one field of a POST form, as it was sent but for
// ${filename}.
type FormField struct{ Name, Value string }

// A Form is a browser POST: the fields before the file, and the file itself.
type Form struct {
	Fields      []FormField // in their order
	FileName    string      // base name of the file as the browser gave it
	ContentType string      // of the file part
	// File yields the file. It ends in an [*Error] where the file is outside the
	// policy's content-length-range. Fields after the file are ignored.
	File io.Reader
}

// Get returns the value of the first field of that name, whatever its case.
func (f *Form) Get(name string) (string, bool) {
	for _, field := range f.Fields {
		if strings.EqualFold(field.Name, name) {
			return field.Value, true
		}
	}
	return "", false
}

// isForm reports whether the request is a browser upload: multipart/form-data
// posted to no sub-resource.
func isForm(r *http.Request, in *input) bool {
	if in.method != http.MethodPost || in.has("delete", "uploads", "uploadId", "select", "restore") {
		return false
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "multipart/form-data"
}

// form verifies a POST form. Its order is required fields, credential,
// signature, policy, expiration, conditions, extra fields; the size follows
// while the file is read.
func (c *check) form() (*Result, *Error) {
	form, err := readForm(c.r)
	if err != nil {
		return nil, err
	}
	policy, hasPolicy := form.Get("policy")
	v4, v2 := form.some(formV4), form.some(formV2)
	switch {
	case !hasPolicy && !v4 && !v2:
		res := c.result(Anonymous, "", Credential{})
		res.Form, res.DecodedLength = form, -1
		return res, nil
	case !v4 && !v2:
		return nil, newError(GateSignature, ReasonFormField, 403, "AccessDenied", "Access Denied")
	}
	var cred Credential
	if v4 {
		cred, err = c.formV4(form, policy)
	} else {
		cred, err = c.formV2(form, policy)
	}
	if err != nil {
		return nil, err
	}
	return c.finishForm(form, cred, policy)
}

var (
	formV4 = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}
	formV2 = []string{"AWSAccessKeyId", "Signature"}
)

func (f *Form) some(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := f.Get(n); return ok })
}

// require refuses a form without one of the fields.
func (f *Form) require(names ...string) *Error {
	for _, name := range names {
		if _, ok := f.Get(name); !ok {
			return errInvalidArgument(ReasonFormField, "Bucket POST must contain a field named '"+name+
				"'.  If it is specified, please check the order of the fields.", name, "")
		}
	}
	return nil
}

// formV4 verifies the SigV4 signature of the policy.
func (c *check) formV4(form *Form, policy string) (Credential, *Error) {
	if err := form.require(append(formV4, "Policy")...); err != nil {
		return Credential{}, err
	}
	algorithm, _ := form.Get("x-amz-algorithm")
	if algorithm != AlgorithmV4 {
		return Credential{}, errInvalidArgument(ReasonFormField, "Unsupported Authorization Type", "X-Amz-Algorithm", algorithm)
	}
	credential, _ := form.Get("x-amz-credential")
	if f := c.claim.parseCredential(credential, c.v.service()); f != nil {
		return Credential{}, errInvalidArgument(f.reason, f.message, "x-amz-credential", credential)
	}
	if want := c.target.Region; want != "" && c.claim.Region != want {
		return Credential{}, errInvalidArgument(ReasonWrongRegion, `the region "`+c.claim.Region+`" is wrong; expecting "`+want+`"`,
			"x-amz-credential", credential)
	}
	c.claim.Mechanism, c.claim.Algorithm = Post, AlgorithmV4
	c.claim.signature, _ = form.Get("x-amz-signature")
	cred, err := c.formCredential(form)
	if err != nil {
		return cred, err
	}
	return cred, c.compareForm(policy, func(secret string) string {
		return signV4(signingKey(secret, c.claim.scope()), []byte(policy))
	}, cred)
}

// formV2 verifies the SigV2 signature of the policy.
func (c *check) formV2(form *Form, policy string) (Credential, *Error) {
	if err := form.require(append(formV2, "Policy")...); err != nil {
		return Credential{}, err
	}
	if !c.v.AllowSigV2 {
		return Credential{}, errSigV2Refused()
	}
	c.claim = claim{Claim: Claim{Mechanism: Post, Algorithm: AlgorithmV2}}
	c.claim.AccessKeyID, _ = form.Get("AWSAccessKeyId")
	c.claim.signature, _ = form.Get("Signature")
	cred, err := c.formCredential(form)
	if err != nil {
		return cred, err
	}
	return cred, c.compareForm(policy, func(secret string) string { return signV2(secret, policy) }, cred)
}

func (c *check) formCredential(form *Form) (Credential, *Error) {
	token, _ := form.Get("x-amz-security-token")
	return c.credential(token)
}

// finishForm checks the policy and builds the result.
func (c *check) finishForm(form *Form, cred Credential, encoded string) (*Result, *Error) {
	policy, err := parsePolicy(encoded)
	if err != nil {
		return nil, err
	}
	if err := policy.check(form, c.target.Bucket, c.now); err != nil {
		return nil, err
	}
	form.File = &sizeReader{src: form.File, limit: policy.length}
	res := c.result(Post, c.claim.Algorithm, cred)
	res.Form, res.DecodedLength = form, -1
	return res, nil
}

// readForm reads the fields up to the file.
func readForm(r *http.Request) (*Form, *Error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" || r.Body == nil {
		return nil, errMalformedForm()
	}
	limited := &limitReader{src: r.Body, left: maxFormRaw}
	parts := multipart.NewReader(limited, params["boundary"])
	form, size := &Form{}, 0
	for {
		part, err := parts.NextRawPart()
		switch {
		case limited.spent:
			return nil, errFormTooLarge()
		case err == io.EOF:
			return nil, errFiles("0")
		case err != nil:
			return nil, errMalformedForm()
		}
		if strings.EqualFold(part.FormName(), "file") {
			limited.left = -1
			form.setFile(part)
			form.File = &onlyFile{src: form.File, parts: parts, limit: limited}
			return form, nil
		}
		value, err := io.ReadAll(part)
		size += len(part.FormName()) + len(value)
		switch {
		case limited.spent, size > maxFormFields:
			return nil, errFormTooLarge()
		case err != nil:
			return nil, errMalformedForm()
		}
		form.Fields = append(form.Fields, FormField{part.FormName(), string(value)})
	}
}

func errFiles(count string) *Error {
	return errInvalidArgument(ReasonFormMalformed, "POST requires exactly one file upload per request.", "file", count)
}

// onlyFile refuses, at the end of the file, a form that has a second one. Other
// fields behind the file are ignored, and so is what does not end properly there.
type onlyFile struct {
	src   io.Reader
	parts *multipart.Reader
	limit *limitReader
	err   error // once src has ended
}

func (o *onlyFile) Read(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.src.Read(p)
	if err != io.EOF {
		return n, err
	}
	o.limit.left, o.err = maxFormRaw, io.EOF
	for {
		part, err := o.parts.NextRawPart()
		if err != nil {
			return n, o.err
		}
		if strings.EqualFold(part.FormName(), "file") {
			o.err = errFiles("2")
			return n, o.err
		}
	}
}

// setFile takes the file part, and puts its name in place of ${filename}
// everywhere but in what is signed. A file without a name leaves ${filename}
// as it is (observed at AWS).
func (f *Form) setFile(part *multipart.Part) {
	f.FileName = part.FileName()
	if i := strings.LastIndexAny(f.FileName, `/\`); i >= 0 {
		f.FileName = f.FileName[i+1:]
	}
	f.ContentType = part.Header.Get("Content-Type")
	f.File = plainReader{part}
	if _, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition")); err != nil || !named(params) {
		return
	}
	for i, field := range f.Fields {
		if !strings.EqualFold(field.Name, "policy") && !strings.EqualFold(field.Name, "x-amz-signature") {
			f.Fields[i].Value = strings.ReplaceAll(field.Value, "${filename}", f.FileName)
		}
	}
}

func named(params map[string]string) bool {
	_, ok := params["filename"]
	return ok
}

// limitReader stops after the bytes that are left; negative means no limit.
type limitReader struct {
	src   io.Reader
	left  int64
	spent bool
}

var errSpent = errors.New("form fields too large")

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left < 0 {
		return l.src.Read(p)
	}
	if l.left == 0 {
		l.spent = true
		return 0, errSpent
	}
	n, err := l.src.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// sizeReader enforces content-length-range.
type sizeReader struct {
	src   io.Reader
	limit *lengthRange
	size  int64
}

func (s *sizeReader) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	s.size += int64(n)
	switch {
	case s.limit == nil:
	case s.size > s.limit.max:
		return 0, errFileSize("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", s.size, "MaxSizeAllowed", s.limit.max)
	case err == io.EOF && s.size < s.limit.min:
		return n, errFileSize("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", s.size, "MinSizeAllowed", s.limit.min)
	}
	return n, err
}

func errFileSize(code, message string, size int64, name string, bound int64) *Error {
	return newError(GateSignature, ReasonPolicySize, 400, code, message).
		with("ProposedSize", strconv.FormatInt(size, 10)).with(name, strconv.FormatInt(bound, 10))
}

// compareForm verifies the signature of a policy, which is signed as the
// base64 text that was sent.
func (c *check) compareForm(policy string, sign func(secret string) string, cred Credential) *Error {
	matches := func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(sign(secret)), []byte(c.claim.signature)) == 1
	}
	if matches(cred.Secret) {
		return nil
	}
	hint := unknownHint
	for _, v := range secretVariants(cred.Secret) {
		if matches(v.secret) {
			hint = Hint{PartSecret, true, v.text}
			break
		}
	}
	return c.errMismatch(&Mismatch{StringToSign: policy, SignatureProvided: c.claim.signature, Hint: hint})
}

func errMalformedForm() *Error {
	return newError(GateSignature, ReasonFormMalformed, 400, "MalformedPOSTRequest",
		"The body of your POST request is not well-formed multipart/form-data.")
}

func errFormTooLarge() *Error {
	return newError(GateSignature, ReasonFormTooLarge, 400, "MaxPostPreDataLengthExceededError",
		"Your POST request fields preceding the upload file were too large.")
}
