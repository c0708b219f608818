package awsapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// Serve answers one request.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, ids wire.IDs) {
	w.Header().Set("X-Amzn-Requestid", ids.Request)
	c := &Call{s: s, r: r, IDs: ids, Estate: s.World.Estate()}
	out, err := c.run()
	if c.op != nil {
		wire.Name(w, s.model.service, c.Operation)
	}
	if err != nil {
		c.fail(w, err)
		return
	}
	c.answer(w, out)
}

// run authenticates, decodes, asks the engine, and acts.
func (c *Call) run() (any, error) {
	res, refused := c.s.verifier.Verify(c.r)
	if refused != nil {
		return nil, refused
	}
	c.auth = res
	c.Estate = c.s.World.Estate() // as it is when the body has come
	c.Caller, _ = res.Credential.Principal.(*world.Caller)
	c.Region = c.region()
	if c.Caller != nil {
		c.s.World.Use(res.Credential.AccessKeyID, c.Caller, c.Service(), c.Region)
	}
	body, form, err := c.read()
	if err != nil {
		return nil, err
	}
	op, err := c.find(form)
	if err != nil {
		return nil, err
	}
	if c.Caller == nil && !op.unsigned {
		return nil, c.s.verifier.MissingAuthentication()
	}
	in := reflect.New(op.in)
	if err = c.decode(body, form, in); err == nil {
		var out any
		if out, err = c.act(op, in.Interface()); c.s.Called != nil {
			c.s.Called(c, in.Interface(), out, err)
		}
		return out, err
	}
	if c.s.Called != nil {
		c.s.Called(c, nil, nil, err)
	}
	return nil, err
}

// act does what the operation does, once the caller may.
func (c *Call) act(op Operation, in any) (any, error) {
	if c.s.Admit != nil {
		if err := c.s.Admit(c); err != nil {
			return nil, err
		}
	}
	checks, err := op.access(c, in)
	if err != nil {
		return nil, err
	}
	if err := c.Allow(checks...); err != nil {
		return nil, err
	}
	return op.run(c, in)
}

// global are the services of one Region for all the world, which is that of their
// calls, whatever Region the client signs for.
var global = []string{"iam", "organizations"}

// region is that which the signature names, else the Host.
func (c *Call) region() string {
	if slices.Contains(global, c.Service()) {
		return estate.DefaultRegion
	}
	t, _ := wire.ParseTarget(c.r) // what does not parse names none
	return cmp.Or(c.auth.Region, t.Region, estate.DefaultRegion)
}

// read returns the body, and for the query protocols the parameters that it and
// the query string hold.
func (c *Call) read() ([]byte, url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	if err != nil {
		return nil, nil, wire.NewError(http.StatusBadRequest, "IncompleteBody", "The request body could not be read")
	}
	if len(body) > maxBody {
		return nil, nil, wire.NewError(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Request size exceeded "+strconv.Itoa(maxBody)+" bytes")
	}
	if c.s.model.protocol.json() {
		return body, nil, nil
	}
	form, err := url.ParseQuery(c.r.URL.RawQuery)
	if err == nil && strings.HasPrefix(c.r.Header.Get("Content-Type"), formType) {
		var posted url.Values
		posted, err = url.ParseQuery(string(body))
		for name, values := range posted {
			form[name] = append(values, form[name]...)
		}
	}
	if err != nil {
		return nil, nil, wire.NewError(http.StatusNotFound, "MalformedQueryString", "The query string contains a syntax error")
	}
	return nil, form, nil
}

const formType = "application/x-www-form-urlencoded"

// find returns the operation that the request names.
func (c *Call) find(form url.Values) (Operation, error) {
	m := c.s.model
	missing := wire.NewError(http.StatusBadRequest, "MissingAction", "Missing Action")
	unknown := wire.NewError(http.StatusBadRequest, "InvalidAction", "")
	if m.protocol.json() {
		c.Operation = m.named(c.r.Header.Get("X-Amz-Target"))
		unknown.Code = "UnknownOperationException"
		missing = unknown
	} else {
		c.Operation = form.Get("Action")
		unknown.Message = "Could not find operation " + c.Operation + " for version " + form.Get("Version")
	}
	if c.Operation == "" {
		return Operation{}, missing
	}
	c.op = m.operations[c.Operation]
	op, ok := c.s.operations[c.Operation]
	switch {
	case m.protocol == query && form.Get("Version") != "" && form.Get("Version") != m.version:
		c.op = nil
		return op, unknown
	case ok:
		return op, nil
	case c.op != nil:
		return op, wire.NewError(http.StatusNotImplemented, "NotImplemented", "This endpoint does not have the operation "+c.Operation+" of "+m.service+".")
	}
	return op, unknown
}

// named returns the operation of an X-Amz-Target, "" where it is none of the
// service's. SDKs write CloudTrail's prefix in full or as its last part.
func (m *model) named(target string) string {
	i := strings.LastIndexByte(target, '.')
	if i < 0 || target[:i] != m.namespace && target[:i] != m.namespace[strings.LastIndexByte(m.namespace, '.')+1:] {
		return ""
	}
	return target[i+1:]
}

// decode reads the input, and checks it against the model.
func (c *Call) decode(body []byte, form url.Values, in reflect.Value) error {
	if err := c.parse(body, form, in); err != nil {
		return err
	}
	return c.valid(in.Elem())
}

func (c *Call) parse(body []byte, form url.Values, in reflect.Value) error {
	p := c.s.model.protocol
	var err error
	if p.json() {
		err = readJSON(body, c.op.input, in.Elem())
	} else {
		err = queryReader{p}.read(form, c.op.input, in.Elem())
	}
	if syntax, ok := errors.AsType[*syntaxError](err); ok {
		code := "MalformedInput"
		if p.json() {
			code = "SerializationException"
		}
		return wire.NewError(http.StatusBadRequest, code, upper(syntax.Error()))
	}
	return err
}

func (c *Call) valid(in reflect.Value) error {
	message := validation(c.s.model.service, c.op.input, in)
	switch p := c.s.model.protocol; {
	case message == "":
		return nil
	case c.s.model.service == "organizations":
		return organizationsValidation(message)
	case p.json():
		return wire.NewError(http.StatusBadRequest, "ValidationException", message)
	case p == ec2Query:
		return ec2Validation(c.op.input, in)
	case strings.HasPrefix(message, missingParameter):
		return wire.NewError(http.StatusBadRequest, "MissingParameter", message)
	default:
		return wire.NewError(http.StatusBadRequest, "ValidationError", message)
	}
}

// answer writes what the operation returned.
func (c *Call) answer(w http.ResponseWriter, out any) {
	m := c.s.model
	v := reflect.ValueOf(out)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		v = reflect.New(v.Type().Elem())
	}
	v = reflect.Indirect(v)
	if c.wantsJSON() {
		write(w, http.StatusOK, "application/json", c.queryJSON(v))
		return
	}
	if !m.protocol.json() {
		x := &xmlWriter{protocol: m.protocol}
		contentType := "text/xml"
		if m.protocol == ec2Query {
			contentType = "text/xml;charset=UTF-8"
		}
		write(w, http.StatusOK, contentType, x.answer(m, c.op, v, c.IDs.Request))
		return
	}
	var body []byte
	if c.op.output != nil {
		body, _ = json.Marshal(jsonOf(c.op.output, v)) // texts, numbers, lists and maps of them
	}
	write(w, http.StatusOK, c.jsonType(), body)
}

func (c *Call) jsonType() string {
	return "application/x-amz-json-" + strings.TrimPrefix(string(c.s.model.protocol), "json")
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // the client may be gone
}
