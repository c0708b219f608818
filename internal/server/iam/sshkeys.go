package iam

import (
	"bytes"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// Quotas: "IAM and AWS STS quotas" in the IAM User Guide.
const (
	maxSSHKeys      = 5
	maxCertificates = 2
	maxServices     = 2 // of one service
)

// rsaType begins the public keys that IAM takes: "ssh-rsa or PEM format"
// (UploadSSHPublicKey in the IAM API Reference).
const rsaType = "ssh-rsa"

// sshWire is an SSH public key as RFC 4253, 6.6 encodes it, nil where the text is
// not the key of an RSA key pair of 2048 bits or more.
func sshWire(body string) []byte {
	if block, _ := pem.Decode([]byte(body)); block != nil {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if public, ok := key.(*rsa.PublicKey); err == nil && ok {
			return wireOf(public)
		}
		return nil
	}
	fields := strings.Fields(body)
	if len(fields) < 2 || fields[0] != rsaType {
		return nil
	}
	wire, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || rsaOfWire(wire) == nil {
		return nil
	}
	return wire
}

func wireOf(k *rsa.PublicKey) []byte {
	var b []byte
	for _, part := range [][]byte{[]byte(rsaType), mpint(big.NewInt(int64(k.E))), mpint(k.N)} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
	}
	return b
}

// mpint is a positive number with its sign: RFC 4251, 5.
func mpint(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return b
}

func rsaOfWire(wire []byte) *rsa.PublicKey {
	var parts [3][]byte
	for i := range parts {
		if len(wire) < 4 || uint64(binary.BigEndian.Uint32(wire)) > uint64(len(wire)-4) {
			return nil
		}
		n := binary.BigEndian.Uint32(wire)
		parts[i], wire = wire[4:4+n], wire[4+n:]
	}
	e, n := new(big.Int).SetBytes(parts[1]), new(big.Int).SetBytes(parts[2])
	if string(parts[0]) != rsaType || len(wire) > 0 || !e.IsInt64() || n.BitLen() < 2048 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// fingerprint is what ssh-keygen -E md5 prints.
func fingerprint(wire []byte) string {
	sum := md5.Sum(wire)
	var parts []string
	for _, b := range sum {
		parts = append(parts, hex.EncodeToString([]byte{b}))
	}
	return strings.Join(parts, ":")
}

// inEncoding is a key as SSH or PEM has it.
func inEncoding(body string, form types.EncodingType) string {
	wire := sshWire(body)
	switch block, _ := pem.Decode([]byte(body)); {
	case form == types.EncodingTypeSsh && block != nil:
		return rsaType + " " + base64.StdEncoding.EncodeToString(wire)
	case form == types.EncodingTypePem && block == nil:
		der, err := x509.MarshalPKIXPublicKey(rsaOfWire(wire))
		if err != nil {
			return body
		}
		var b bytes.Buffer
		if err := pem.Encode(&b, &pem.Block{Type: "PUBLIC KEY", Bytes: der}); err != nil {
			return body
		}
		return b.String()
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
		wire := sshWire(*in.SSHPublicKeyBody)
		if wire == nil {
			return c.Errorf("InvalidPublicKey", "The public key is not an RSA key of 2048 bits or more in ssh-rsa or PEM format.")
		}
		k := &belonging{ID: world.NewID("APKA"), Body: *in.SSHPublicKeyBody, Print: fingerprint(wire), Created: c.Now()}
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
