package server

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/internal/sigv4"
)

// A handshake is the resource of the calls about it (Service Authorization Reference,
// AWS Organizations).
func TestHandshakesAreResources(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	solo := sigv4.Credential{AccessKeyID: "AKIASOLO000000000001", Secret: "solo/Secret+Key0000000000000000000000001"}
	people := iam.NewFromConfig(g.aws(solo))
	as := func(name, resource string) *organizations.Client {
		who := g.user(people, name)
		_, err := people.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"), PolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "organizations:*Handshake", "Resource": "` + resource + `"}]}`)})
		g.wantCode("PutUserPolicy", err, "", "")
		return organizations.NewFromConfig(g.aws(who))
	}
	invited, err := organizations.NewFromConfig(g.aws(management)).InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Id: aws.String("777788889999"), Type: types.HandshakePartyTypeAccount}})
	g.wantCode("InviteAccountToOrganization", err, "", "")
	id := invited.Handshake.Id
	other := as("other", "arn:aws:organizations::999999999999:handshake/o-exampleorg01/invite/h-other")
	_, err = other.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: id})
	g.wantCode("DescribeHandshake", err, "AccessDeniedException", "on resource: "+*invited.Handshake.Arn)
	_, err = other.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: id})
	g.wantCode("AcceptHandshake", err, "AccessDeniedException", "organizations:AcceptHandshake")
	_, err = other.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: id})
	g.wantCode("DeclineHandshake", err, "AccessDeniedException", "organizations:DeclineHandshake")
	_, err = as("this", *invited.Handshake.Arn).AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: id})
	g.wantCode("AcceptHandshake", err, "", "")
}
