package live

import (
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/smithy-go/middleware"
	"slices"

	"github.com/why403/why403/estate"
)

// control is a client for S3 Control in a Region.
func (c *collector) control(region string) *s3control.Client {
	return s3control.NewFromConfig(c.s.in(region), func(o *s3control.Options) {
		o.APIOptions = append(slices.Clone(o.APIOptions), func(stack *middleware.Stack) error { return c.s.keepHost(stack) })
	})
}

// accountBlock reads Block Public Access of the account: in effect, as S3 Control
// answers since organizations can set it.
func (c *collector) accountBlock() {
	c.progress("Block Public Access of the account")
	account := string(c.s.Account)
	var found *estate.PublicAccessBlock
	var unknown estate.Unknowns
	c.settings(&unknown, []setting{{"publicAccessBlock", "s3:GetAccountPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", func() error {
		out, err := c.control("").GetPublicAccessBlock(c.ctx, &s3control.GetPublicAccessBlockInput{AccountId: &account})
		if err == nil {
			found, err = controlBlock(out.PublicAccessBlockConfiguration)
		}
		return err
	}, nil}})
	c.locked(func() {
		c.account.PublicAccessBlock = found
		c.account.Unknown = append(c.account.Unknown, unknown...)
	})
}

func controlBlock(p *types.PublicAccessBlockConfiguration) (*estate.PublicAccessBlock, error) {
	if p == nil {
		return nil, errEmpty
	}
	return block(p.BlockPublicAcls, p.IgnorePublicAcls, p.BlockPublicPolicy, p.RestrictPublicBuckets)
}

// block is a Block Public Access configuration, of which every answer states all
// four settings.
func block(blockACLs, ignoreACLs, blockPolicy, restrict *bool) (*estate.PublicAccessBlock, error) {
	for _, on := range []*bool{blockACLs, ignoreACLs, blockPolicy, restrict} {
		if on == nil {
			return nil, errEmpty
		}
	}
	return &estate.PublicAccessBlock{BlockPublicAcls: *blockACLs, IgnorePublicAcls: *ignoreACLs, BlockPublicPolicy: *blockPolicy, RestrictPublicBuckets: *restrict}, nil
}
