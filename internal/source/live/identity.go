package live

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/why403/why403/iam"
)

// An Identity is who is calling, and how that was found out. What is not known is
// empty.
type Identity struct {
	Account     iam.AccountID
	ARN         string
	AccessKeyID string
	Provider    string    // of the SDK, that gave the credentials
	Date        time.Time // of STS's answer, also of a refusal
}

// Identify asks STS who is calling. With an error it returns what it found out
// until then.
func Identify(ctx context.Context, o Options) (Identity, error) {
	var id Identity
	cfg, err := configure(ctx, o)
	if err != nil {
		return id, err
	}
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return id, err
	}
	id.AccessKeyID, id.Provider = credentials.AccessKeyID, credentials.Source
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	var refused *smithyhttp.ResponseError
	if errors.As(err, &refused) && refused.Response != nil {
		id.Date = dateOf(refused.Response)
	}
	if err != nil {
		return id, err
	}
	id.Account, id.ARN = iam.AccountID(aws.ToString(out.Account)), aws.ToString(out.Arn)
	if answer, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		id.Date = dateOf(answer)
	}
	return id, nil
}

func dateOf(r *smithyhttp.Response) time.Time {
	date, _ := http.ParseTime(r.Header.Get("Date")) // zero where it is not stated
	return date
}
