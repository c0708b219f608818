package server

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// A session of AssumeRoot takes the root user's device, and does nothing else with it:
// "When you make this request with root user credentials, you must use an AssumeRoot
// session to omit the user name" (DeactivateMFADevice, IAM API Reference). Devices are
// given to root users in the console alone.
func TestRootUsersDevice(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	serial := aws.String("arn:aws:iam::111122223333:mfa/root-account-mfa-device")
	out, err := sts.NewFromConfig(g.aws(management)).AssumeRoot(ctx, &sts.AssumeRootInput{TargetPrincipal: aws.String("111122223333"),
		TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials")}})
	g.wantCode("AssumeRoot", err, "", "")
	session := credential(out.Credentials)
	client, tokens := iam.NewFromConfig(g.aws(session)), sts.NewFromConfig(g.aws(session))
	list, err := client.ListMFADevices(ctx, nil)
	if err != nil || len(list.MFADevices) != 1 || *list.MFADevices[0].SerialNumber != *serial {
		t.Fatalf("devices %+v, %v", list, err)
	}
	_, err = iam.NewFromConfig(g.aws(root)).DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: serial})
	g.wantCode("by the root user's own key", err, "ValidationError", "Must specify userName")
	_, err = client.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: serial, UserName: aws.String("admin")})
	g.wantCode("a user's", err, "AccessDenied", "explicit deny")
	_, err = client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("admin")})
	g.wantCode("a user's keys", err, "AccessDenied", "explicit deny")
	_, err = client.CreateAccessKey(ctx, nil)
	g.wantCode("a new key", err, "AccessDenied", "explicit deny")
	_, err = tokens.GetSessionToken(ctx, nil)
	g.wantCode("GetSessionToken", err, "AccessDenied", "")
	_, err = tokens.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("fred")})
	g.wantCode("GetFederationToken", err, "AccessDenied", "")
	g.want(g.do(session, "GET", "/", ""), 403, "AccessDenied")
	_, err = client.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: serial})
	g.wantCode("DeactivateMFADevice", err, "", "")
	_, err = client.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: serial})
	g.wantCode("again", err, "NoSuchEntity", "")
	g.restart()
	if list, err := iam.NewFromConfig(g.aws(session)).ListMFADevices(ctx, nil); err != nil || len(list.MFADevices) != 0 {
		t.Errorf("devices after a restart: %+v, %v", list, err)
	}
}
