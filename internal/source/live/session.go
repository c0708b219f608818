package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/why403/why403/iam"
)

// Options say with which credentials to read.
type Options struct {
	Profile string // of the shared files; "" is the default chain
	Region  string // "" is that of the configuration, else us-east-1
	RoleARN string // role that is assumed first; "" for none
}

// A Session is an identity on live AWS, and nothing but reads: an operation that
// is not on the list of reads is refused before it is sent.
type Session struct {
	Account iam.AccountID
	ARN     string // of the caller, as STS says it
	Region  string

	config  aws.Config
	journal *Journal       // nil: answers are not kept
	plain   aws.HTTPClient // that keeps none, where there is a journal
}

// attempts bounds how often a throttled call is sent; the SDK waits longer each
// time, with jitter.
const attempts = 8

// retryer asks again what was refused for being asked too often, attempts times each,
// however many are: a collection is to end.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.RateLimiter = attempts, ratelimit.None })
}

// configure reads the SDK's configuration, with what the options say.
func configure(ctx context.Context, o Options) (aws.Config, error) {
	load := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // errors say it all
		config.WithAPIOptions([]func(*middleware.Stack) error{onlyReads}),
		config.WithRetryer(retryer),
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", plainError{err})
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if o.RoleARN != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN))
	}
	return cfg, nil
}

// Open finds credentials, and asks STS whose they are; that call cannot be denied
// by a policy.
func Open(ctx context.Context, o Options) (*Session, error) {
	cfg, err := configure(ctx, o)
	if err != nil {
		return nil, err
	}
	return open(ctx, cfg)
}

// New is a session with a configuration that is there already. It sends reads alone.
func New(ctx context.Context, cfg aws.Config) (*Session, error) {
	cfg = cfg.Copy()
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), onlyReads)
	return open(ctx, cfg)
}

func open(ctx context.Context, cfg aws.Config) (*Session, error) {
	s := &Session{Region: cfg.Region, config: cfg}
	id, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, &CredentialsError{err}
	}
	s.Account, s.ARN = iam.AccountID(aws.ToString(id.Account)), aws.ToString(id.Arn)
	return s, nil
}

// A CredentialsError says that no identity was found, or that AWS does not know
// it.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string { return "find out who is asking: " + Plain(e.Err) }
func (e *CredentialsError) Unwrap() error { return e.Err }

// Hint says how to look further.
func (e *CredentialsError) Hint() string {
	return "why403 doctor shows where credentials were looked for, and which won; or name an estate file with -e"
}

// in is the configuration for another Region.
func (s *Session) in(region string) aws.Config {
	cfg := s.config.Copy()
	if region != "" {
		cfg.Region = region
	}
	return cfg
}

// global is the configuration for services that have one endpoint for all
// Regions.
func (s *Session) global() aws.Config {
	switch {
	case strings.HasPrefix(s.Region, "cn-"):
		return s.in("cn-northwest-1")
	case strings.HasPrefix(s.Region, "us-gov-"):
		return s.in("us-gov-west-1")
	}
	return s.in("us-east-1")
}

// reads begin the names of the operations that read, and change nothing.
var reads = []string{"Get", "List", "Describe", "Head"}

// sessions are the exceptions, which give credentials and change no resource: of
// STS, of the logins of IAM Identity Center and of aws login, which are renewed, and
// of an instance's metadata service.
var sessions = []string{"AssumeRole", "AssumeRoleWithWebIdentity", "CreateToken", "CreateOAuth2Token", "getToken"}

func mayRead(operation string) bool {
	return slices.Contains(sessions, operation) || slices.ContainsFunc(reads, func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
}

// onlyReads refuses every operation that could change something.
func onlyReads(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("why403OnlyReads", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if name := cmp.Or(awsmiddleware.GetOperationName(ctx), stack.ID()); !mayRead(name) { // the metadata service's client states none
			return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("%s is no operation that only reads", name)
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.After) // behind the one that names the operation
}

// keepHost keeps the host of an endpoint that was configured, in front of which
// S3 Control's clients put the account id; the header x-amz-account-id says it as
// well.
func (s *Session) keepHost(stack *middleware.Stack) error {
	if s.config.BaseEndpoint == nil {
		return nil
	}
	base, err := url.Parse(*s.config.BaseEndpoint)
	if err != nil {
		return err
	}
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("why403KeepHost", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if r, ok := in.Request.(*smithyhttp.Request); ok {
			r.URL.Host, r.Host = base.Host, base.Host
		}
		return next.HandleFinalize(ctx, in)
	}), "ResolveEndpointV2", middleware.After)
}

// codeOf is the error code of an answer, "" for none.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// statusOf is the HTTP status of an answer, 0 for none.
func statusOf(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// withoutOutput leaves out what a credential_process has printed, which the SDK puts
// into its error where it cannot read it: there may be a secret in it.
func withoutOutput(text string) string {
	const begin, end = "parse failed of process output: ", ", error: "
	from, to := strings.Index(text, begin), strings.LastIndex(text, end)
	if from < 0 || to < from {
		return text
	}
	return text[:from] + "what credential_process printed is no JSON of the version 1" + text[to+len(end)-2:]
}

// A plainError is an error in a few words, without what may be secret.
type plainError struct{ error }

func (e plainError) Error() string { return Plain(e.error) }
func (e plainError) Unwrap() error { return e.error }

// Plain is an error in a few words: AWS's code and message without the layers of
// the SDK.
func Plain(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": ")
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Error()
	}
	text := withoutOutput(err.Error())
	for _, layer := range []string{"exceeded maximum number of attempts, ", "get credentials: ", "failed to refresh cached credentials, "} {
		if i := strings.LastIndex(text, layer); i >= 0 {
			text = text[i+len(layer):]
		}
	}
	return text
}
