package awsapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// Errorf returns an error of the service. Its status is the one that the
// service's model gives the code.
func (c *Call) Errorf(code, format string, args ...any) *wire.Error {
	return wire.NewError(c.s.model.status(code), code, fmt.Sprintf(format, args...))
}

// fail answers with an error.
func (c *Call) fail(w http.ResponseWriter, err error) {
	var e *wire.Error
	if refused, ok := errors.AsType[*sigv4.Error](err); ok {
		e = wire.NewError(refused.Status, refused.Code, refused.Message)
		c.recordRefusal(refused)
	} else if own, ok := errors.AsType[*wire.Error](err); ok {
		e = own
		if (e.Status == http.StatusForbidden || e.Code == "AccessDeniedException") && !c.recorded {
			c.s.Denied(c.r, c.IDs, cmp.Or(e.Why, e.Message))
		}
	} else {
		c.s.Failed(c.r, c.IDs, err)
		e = wire.NewError(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.")
	}
	for name, values := range e.Header {
		w.Header()[name] = values
	}
	switch p := c.s.model.protocol; {
	case p.json():
		w.Header().Set("X-Amzn-Errortype", e.Code)
		write(w, e.Status, c.jsonType(), jsonError(e))
	case p == ec2Query:
		write(w, e.Status, "text/xml;charset=UTF-8", ec2Error(e, c.IDs.Request))
	case c.wantsJSON():
		write(w, e.Status, "application/json", queryErrorJSON(e, c.IDs.Request))
	default:
		write(w, e.Status, "text/xml", queryError(e, c.s.model.namespace, c.IDs.Request))
	}
}

func jsonError(e *wire.Error) []byte {
	object := map[string]string{"__type": e.Code}
	if e.Message != "" {
		object["message"] = e.Message
		if e.Code == "AccessDeniedException" {
			object["Message"] = e.Message // both spellings are about
		}
	}
	for _, x := range e.Extra {
		object[x.Name] = x.Value
	}
	body, _ := json.Marshal(object) // texts alone
	return body
}

func fault(e *wire.Error) string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func queryError(e *wire.Error, namespace, requestID string) []byte {
	w := &xmlWriter{}
	if e.Code == "InvalidAction" {
		namespace = "http://webservices.amazon.com/AWSFault/2005-15-09" // observed at AWS
	}
	w.b.WriteString(`<ErrorResponse xmlns="` + namespace + `"><Error>`)
	w.text("Type", fault(e))
	w.text("Code", e.Code)
	w.text("Message", e.Message)
	for _, x := range e.Extra {
		w.text(x.Name, x.Value)
	}
	w.close("Error")
	w.text("RequestId", requestID)
	w.close("ErrorResponse")
	return w.b.Bytes()
}

func ec2Error(e *wire.Error, requestID string) []byte {
	w := &xmlWriter{b: *bytes.NewBufferString(xml.Header + "<Response><Errors><Error>")}
	w.text("Code", e.Code)
	w.text("Message", e.Message)
	w.b.WriteString("</Error></Errors>")
	w.text("RequestID", requestID)
	w.close("Response")
	return w.b.Bytes()
}
