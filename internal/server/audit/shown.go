package audit

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"unicode"

	"github.com/why403/why403/internal/server/wire"
)

// hidden are the members that no record shows: secrets, and data.
var hidden = map[string]bool{
	"Plaintext": true, "CiphertextBlob": true, "SecretAccessKey": true, "SessionToken": true, "Password": true, "WebIdentityToken": true,
	"Base32StringSeed": true, "QRCodePNG": true, "PrivateKeyPlaintext": true, "PrivateKeyCiphertextBlob": true, "TokenCode": true,
	"AuthenticationCode1": true, "AuthenticationCode2": true, "OldPassword": true, "NewPassword": true, "GrantTokens": true, "ResultMetadata": true,
}

// maxShown bounds what is shown of a call: CloudTrail leaves out more.
const maxShown = 100 << 10

// shown returns the input or output of a call as CloudTrail shows it: the members
// that are set, with small first letters.
func shown(v any) map[string]any {
	rv := reflect.ValueOf(v)
	if v == nil || rv.Kind() != reflect.Pointer || rv.IsNil() {
		return nil
	}
	m, _ := plainOf(rv.Elem()).(map[string]any)
	if text, err := json.Marshal(m); err != nil || len(text) > maxShown || len(m) == 0 {
		return nil
	}
	return m
}

func plainOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plainOf(v.Elem())
	case reflect.Struct:
		if _, ok := v.Interface().(json.Marshaler); ok {
			return v.Interface() // a time
		}
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && !hidden[f.Name] && !v.Field(i).IsZero() {
				m[lowerFirst(f.Name)] = plainOf(v.Field(i))
			}
		}
		return m
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes()
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainOf(v.Index(i))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for iter := v.MapRange(); iter.Next(); {
			m[iter.Key().String()] = plainOf(iter.Value())
		}
		return m
	}
	return v.Interface()
}

func lowerFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// errorOf is how a record names an error; CloudTrail has "AccessDenied" for what the
// JSON protocols call AccessDeniedException, and "Client." before EC2's codes.
func errorOf(err error) (code, message string) {
	e, ok := errors.AsType[*wire.Error](err)
	switch {
	case err == nil:
		return "", ""
	case !ok:
		return "InternalFailure", "An internal error occurred."
	case e.Code == "AccessDeniedException":
		return "AccessDenied", e.Message
	case e.Code == "UnauthorizedOperation":
		return "Client.UnauthorizedOperation", strings.TrimSpace(e.Message)
	}
	return e.Code, e.Message
}
