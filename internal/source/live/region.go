package live

import (
	"errors"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// regionHeader is the bucket's Region that a refusal names, "" for none.
func regionHeader(err error) string {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return ""
	}
	return response.Response.Header.Get("X-Amz-Bucket-Region")
}
