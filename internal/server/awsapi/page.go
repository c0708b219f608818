package awsapi

import (
	"encoding/base64"
	"strconv"
)

// Page returns the part of a list that a call asks for by token and limit (nil:
// most entries), and the token of the next part, nil at the end. A token is a place
// in the list. Not ok: it is no token.
func Page[T any](list []T, token *string, limit *int32, most int) (page []T, next *string, ok bool) {
	from := 0
	if token != nil {
		text, err := base64.RawURLEncoding.DecodeString(*token)
		if err == nil {
			from, err = strconv.Atoi(string(text))
		}
		if err != nil || from < 0 {
			return nil, nil, false
		}
	}
	if limit != nil && *limit > 0 {
		most = int(*limit)
	}
	from = min(from, len(list))
	to := min(from+most, len(list))
	page = append([]T{}, list[from:to]...)
	if to < len(list) {
		text := base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to)))
		next = &text
	}
	return page, next, true
}
