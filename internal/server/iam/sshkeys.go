package iam

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/crypto/ssh"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// Quotas: "IAM and AWS STS quotas" in the IAM User Guide.
const (
	maxSSHKeys      = 5
	maxCertificates = 2
	maxServices     = 2 // of one service
)

// sshKey reads the public key of an RSA key pair of 2048 bits or more, "in ssh-rsa or
// PEM format" (UploadSSHPublicKey in the IAM API Reference); nil where the text is
// none.
func sshKey(body string) ssh.PublicKey {
	var key ssh.PublicKey
	var err error
	if block, _ := pem.Decode([]byte(body)); block != nil {
		var public any
		if public, err = x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			key, err = ssh.NewPublicKey(public)
		}
	} else {
		key, _, _, _, err = ssh.ParseAuthorizedKey([]byte(body))
	}
	if err != nil {
		return nil
	}
	if public := rsaOf(key); public == nil || public.N.BitLen() < 2048 {
		return nil
	}
	return key
}

func rsaOf(key ssh.PublicKey) *rsa.PublicKey {
	c, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return nil
	}
	public, _ := c.CryptoPublicKey().(*rsa.PublicKey)
	return public
}

// inEncoding is a key as SSH or PEM has it.
func inEncoding(body string, form types.EncodingType) string {
	key := sshKey(body)
	switch block, _ := pem.Decode([]byte(body)); {
	case key == nil:
	case form == types.EncodingTypeSsh && block != nil:
		return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	case form == types.EncodingTypePem && block == nil:
		if der, err := x509.MarshalPKIXPublicKey(rsaOf(key)); err == nil {
			return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		}
	}
	return body
}

func status(b *belonging) types.StatusType {
	if b.Inactive {
		return types.StatusTypeInactive
	}
	return types.StatusTypeActive
}

func showSSHKey(name string, b *belonging) *types.SSHPublicKey {
	return &types.SSHPublicKey{UserName: &name, SSHPublicKeyId: &b.ID, Fingerprint: &b.Print, SSHPublicKeyBody: &b.Body, Status: status(b), UploadDate: date(b.Created)}
}

func uploadSSHPublicKey(c *awsapi.Call, in *sdk.UploadSSHPublicKeyInput) (*sdk.UploadSSHPublicKeyOutput, error) {
	out := &sdk.UploadSSHPublicKeyOutput{}
	return out, changeBelongings(c, in.UserName, func(name string, b *belongings) error {
		key := sshKey(*in.SSHPublicKeyBody)
		if key == nil {
			return c.Errorf("InvalidPublicKey", "The public key is not an RSA key of 2048 bits or more in ssh-rsa or PEM format.")
		}
		k := &belonging{ID: world.NewID("APKA"), Body: *in.SSHPublicKeyBody, Print: ssh.FingerprintLegacyMD5(key), Created: c.Now()}
		if slices.ContainsFunc(b.SSHKeys, func(o *belonging) bool { return o.Print == k.Print }) {
			return c.Errorf("DuplicateSSHPublicKey", "The SSH public key is already associated with the user %s.", name)
		}
		if len(b.SSHKeys) >= maxSSHKeys {
			return quota(c, "SSHPublicKeysPerUser", maxSSHKeys)
		}
		b.SSHKeys = append(b.SSHKeys, k)
		out.SSHPublicKey = showSSHKey(name, k)
		return nil
	})
}

func getSSHPublicKey(c *awsapi.Call, in *sdk.GetSSHPublicKeyInput) (*sdk.GetSSHPublicKeyOutput, error) {
	name, b, err := belongingsOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := sshKeys.find(c, in, &b)
	if err != nil {
		return nil, err
	}
	shown := showSSHKey(name, k)
	shown.SSHPublicKeyBody = aws.String(inEncoding(k.Body, in.Encoding))
	return &sdk.GetSSHPublicKeyOutput{SSHPublicKey: shown}, nil
}

func listSSHPublicKeys(c *awsapi.Call, in *sdk.ListSSHPublicKeysInput) (*sdk.ListSSHPublicKeysOutput, error) {
	name, b, err := belongingsOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	var list []types.SSHPublicKeyMetadata
	for _, k := range b.SSHKeys {
		list = append(list, types.SSHPublicKeyMetadata{UserName: &name, SSHPublicKeyId: &k.ID, Status: status(k), UploadDate: date(k.Created)})
	}
	out := &sdk.ListSSHPublicKeysOutput{}
	return out, page(c, in, out, "SSHPublicKeys", list, func(k types.SSHPublicKeyMetadata) string { return *k.SSHPublicKeyId })
}
