package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/why403/why403/internal/fix"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/source/live"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// explainFlags are what the flags of explain say.
type explainFlags struct {
	estate *string
	output *choice
	color  *choice
	expect *choice

	gates, trace, all bool

	live  live.Options
	asked func(*gather.Gatherer, *request.Request, *report.Decision) (*report.Decision, error) // AWS's own answer joined; nil: none

	requests []string // files; "-" is standard input
	unstated *choice
	time     string

	fix       string // "", "best" or "all"
	form      string // of the fix: one of fix.Forms, "" for the text of explanations
	forPrefix string

	as, operation, action, resource      string
	versionID, copySource, accessPoint   string
	headers, query, tags, context        []string
	sourceIP, vpcEndpoint                string
	insecure, secure, mfa, objectMissing bool
	sessionPolicies                      []string
	body                                 string
}

// The flags that describe one request, and so make no sense beside --request.
var requestFlags = []string{"as", "operation", "action", "resource", "version-id", "copy-source", "access-point", "header", "query",
	"source-ip", "vpc-endpoint", "insecure", "secure-transport", "mfa", "session-policy", "session-tag", "context", "object-missing", "body"}

func addExplainFlags(cmd *cobra.Command) *explainFlags {
	f := &explainFlags{estate: estateFlag(cmd)}
	flags := cmd.Flags()
	flags.SortFlags = false
	addCallFlags(flags, f)
	addCircumstanceFlags(flags, f)
	f.unstated = choiceFlag(cmd, "unstated", "", "unknown", "what is not stated counts as absent or unknown", "absent", "unknown")
	flags.StringArrayVar(&f.requests, "request", nil, "read requests from `FILE`: JSON, JSON lines or YAML, - for standard input")
	f.expect = choiceFlag(cmd, "expect", "", "", "exit 0 if the verdict is this one, else 1", "allowed", "denied", "unknown")
	flags.BoolVar(&f.gates, "gates", false, "show what every gate did")
	flags.BoolVar(&f.trace, "trace", false, "show every statement that was considered")
	flags.BoolVar(&f.all, "all", false, "show every near miss, and statements in full")
	flags.StringVar(&f.forPrefix, "for-prefix", "", "let a fix allow all keys that begin with `PREFIX`, not the one key alone")
	flags.StringVar(&f.live.Profile, "profile", "", "`NAME` of a profile of the AWS configuration, for a live account")
	flags.StringVar(&f.live.Region, "region", "", "`REGION` of the session, for a live account")
	flags.StringVar(&f.live.RoleARN, "role-arn", "", "`ARN` of a role to assume first, for a live account")
	f.output = outputFlag(cmd)
	f.color = colorFlag(cmd)
	return f
}

// asFlag is --as, which says who asks, and in which form a fix is written: no
// principal is named like a form.
type asFlag explainFlags

func (f *asFlag) String() string { return f.as }
func (f *asFlag) Type() string   { return "ARN" }

func (f *asFlag) Set(s string) error {
	if slices.Contains(fix.Forms, fix.Form(s)) {
		f.form = s
		return nil
	}
	f.as = s
	return nil
}

func addCallFlags(flags *pflag.FlagSet, f *explainFlags) {
	flags.Var((*asFlag)(f), "as", "who asks: `ARN` of a user, role, role session or root; a service; anonymous. A form in which to write the fix: cli, terraform, cloudformation, patch, json (repeatable)")
	flags.StringVar(&f.operation, "operation", "", "S3 API operation `NAME`, such as PutObject (default: GetObject of a key, ListObjectsV2 of a bucket or prefix)")
	flags.StringVar(&f.action, "action", "", "ask about one permission alone, `NAME` such as s3:GetObject")
	flags.StringVar(&f.resource, "resource", "", "`ARN` that --action is asked on, where it is not s3://bucket/key")
	flags.StringVar(&f.versionID, "version-id", "", "`ID` of the object version")
	flags.StringVar(&f.copySource, "copy-source", "", "object that a copy reads, `BUCKET/KEY`")
	flags.StringVar(&f.accessPoint, "access-point", "", "access point that the request goes through: `NAME`, ARN or alias")
	flags.StringArrayVar(&f.headers, "header", nil, "header of the request, `NAME:VALUE` (repeatable)")
	flags.StringArrayVar(&f.query, "query", nil, "query parameter, `NAME=VALUE` (repeatable)")
	flags.StringVar(&f.body, "body", "", "`FILE` with the body: a policy, ACL grants or settings")
	flags.BoolVar(&f.objectMissing, "object-missing", false, "the key does not exist")
}

func addCircumstanceFlags(flags *pflag.FlagSet, f *explainFlags) {
	flags.StringVar(&f.sourceIP, "source-ip", "", "`ADDRESS` that the request comes from, through no VPC endpoint")
	flags.StringVar(&f.vpcEndpoint, "vpc-endpoint", "", "VPC endpoint that the request comes through, `ID`")
	flags.BoolVar(&f.insecure, "insecure", false, "the request comes over plain HTTP")
	flags.BoolVar(&f.secure, "secure-transport", true, "the request comes over TLS")
	flags.StringVar(&f.time, "time", "", "`TIME` of the request (default: now)")
	flags.BoolVar(&f.mfa, "mfa", false, "the caller's credentials were obtained with MFA; --mfa=false: without")
	flags.StringArrayVar(&f.sessionPolicies, "session-policy", nil, "session policy, `FILE` or ARN (repeatable)")
	flags.StringArrayVar(&f.tags, "session-tag", nil, "session tag, `KEY=VALUE` (repeatable)")
	flags.StringArrayVar(&f.context, "context", nil, "condition key, `KEY=VALUE`; repeated for several values, KEY- to remove it")
}
