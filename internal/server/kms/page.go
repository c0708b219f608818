package kms

import "github.com/why403/why403/internal/server/awsapi"

// pageOf returns the part of a list that a call asks for, and the marker of the
// next one, nil at the end.
func pageOf[T any](c *awsapi.Call, list []T, marker *string, limit *int32, most int) ([]T, *string, error) {
	page, next, ok := awsapi.Page(list, marker, limit, most)
	if !ok {
		return nil, nil, c.Errorf("InvalidMarkerException", "The specified marker is not valid.")
	}
	return page, next, nil
}
