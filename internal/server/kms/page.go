package kms

import (
	"encoding/base64"
	"strconv"

	"github.com/why403/why403/internal/server/awsapi"
)

// pageOf returns the part of a list that a call asks for, and the marker of the
// next one, nil at the end. A marker is the place in the list.
func pageOf[T any](c *awsapi.Call, list []T, marker *string, limit *int32, most int) ([]T, *string, error) {
	from := 0
	if marker != nil {
		text, err := base64.RawURLEncoding.DecodeString(*marker)
		if err == nil {
			from, err = strconv.Atoi(string(text))
		}
		if err != nil || from < 0 {
			return nil, nil, c.Errorf("InvalidMarkerException", "The specified marker is not valid.")
		}
	}
	if limit != nil {
		most = int(*limit)
	}
	from = min(from, len(list))
	to := min(from+most, len(list))
	page := append([]T{}, list[from:to]...)
	if to == len(list) {
		return page, nil, nil
	}
	next := base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to)))
	return page, &next, nil
}
