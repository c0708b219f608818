package iam

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// certificateOf reads a certificate in PEM.
func certificateOf(body string) (*x509.Certificate, bool) {
	block, _ := pem.Decode([]byte(body))
	if block == nil {
		return nil, false
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return certificate, err == nil
}

func malformedCertificate(c *awsapi.Call, body string) error {
	return c.Errorf("MalformedCertificate", "Certificate %s is malformed.", body)
}

func showCertificate(name string, b *belonging) types.SigningCertificate {
	return types.SigningCertificate{UserName: &name, CertificateId: &b.ID, CertificateBody: &b.Body, Status: status(b), UploadDate: date(b.Created)}
}

func uploadSigningCertificate(c *awsapi.Call, in *sdk.UploadSigningCertificateInput) (*sdk.UploadSigningCertificateOutput, error) {
	out := &sdk.UploadSigningCertificateOutput{}
	return out, changeBelongings(c, in.UserName, func(name string, b *belongings) error {
		if _, ok := certificateOf(*in.CertificateBody); !ok {
			return malformedCertificate(c, *in.CertificateBody)
		}
		if slices.ContainsFunc(b.Certificates, func(o *belonging) bool { return o.Body == *in.CertificateBody }) {
			return c.Errorf("DuplicateCertificate", "The certificate is already associated with the user %s.", name)
		}
		if len(b.Certificates) >= maxCertificates {
			return quota(c, "CertificatesPerUser", maxCertificates)
		}
		one := &belonging{ID: world.NewID("") + world.NewID("")[:15], Body: *in.CertificateBody, Created: c.Now()} // 32 characters
		b.Certificates = append(b.Certificates, one)
		shown := showCertificate(name, one)
		out.Certificate = &shown
		return nil
	})
}

func listSigningCertificates(c *awsapi.Call, in *sdk.ListSigningCertificatesInput) (*sdk.ListSigningCertificatesOutput, error) {
	name, b, err := belongingsOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	var list []types.SigningCertificate
	for _, one := range b.Certificates {
		list = append(list, showCertificate(name, one))
	}
	out := &sdk.ListSigningCertificatesOutput{}
	return out, page(c, in, out, "Certificates", list, func(o types.SigningCertificate) string { return *o.CertificateId })
}

// A serverCertificate is one for TLS. Nothing here serves with it, so its private key
// is not kept.
type serverCertificate struct {
	ID      string            `json:"id"`
	Path    string            `json:"path,omitempty"`
	Body    string            `json:"body"`
	Chain   string            `json:"chain,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Created time.Time         `json:"created,omitzero"`
	Expires time.Time         `json:"expires,omitzero"`
}

var serverCertificates = world.NewKind[serverCertificate]("server-certificate")

const maxServerCertificates = 20

func onServerCertificate[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	name, path := text(in, "ServerCertificateName"), text(in, "Path")
	var keys awsapi.Keys
	if s, ok := serverCertificates.Get(c.World(), c.AccountID(), name); ok {
		path, keys = s.Path, keys.ResourceTags("iam", s.Tags)
	}
	checks, err := check(c, in, arnOf(c, "server-certificate", path, name), keys)
	if to, newPath := pointer(in, "NewServerCertificateName"), pointer(in, "NewPath"); to != nil || newPath != nil {
		if to == nil {
			to = &name
		}
		if newPath == nil {
			newPath = &path
		}
		target := checks[0]
		target.Resource = arnOf(c, "server-certificate", *newPath, *to)
		checks = append(checks, target)
	}
	return checks, err
}

func showServerCertificate(c *awsapi.Call, name string, s serverCertificate) *types.ServerCertificateMetadata {
	return &types.ServerCertificateMetadata{Arn: aws.String(arnOf(c, "server-certificate", s.Path, name)), Path: pathOr(s.Path), ServerCertificateName: &name,
		ServerCertificateId: &s.ID, UploadDate: date(s.Created), Expiration: date(s.Expires)}
}

func noServerCertificate(c *awsapi.Call, name string) error {
	return c.Errorf("NoSuchEntity", "The Server Certificate with name %s cannot be found.", name)
}

func uploadServerCertificate(c *awsapi.Call, in *sdk.UploadServerCertificateInput) (*sdk.UploadServerCertificateOutput, error) {
	certificate, ok := certificateOf(*in.CertificateBody)
	if !ok {
		return nil, c.Errorf("MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.")
	}
	if _, err := tls.X509KeyPair([]byte(*in.CertificateBody), []byte(*in.PrivateKey)); err != nil {
		if strings.Contains(err.Error(), "does not match") {
			return nil, c.Errorf("KeyPairMismatch", "Key Pair Mismatch: the private key does not match the certificate.")
		}
		return nil, c.Errorf("MalformedCertificate", "Unable to parse key; only PKCS#1 and PKCS#8 PEM keys without a passphrase are taken.")
	}
	for rest := bytes.TrimSpace([]byte(aws.ToString(in.CertificateChain))); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		block, more := pem.Decode(rest)
		if block == nil {
			return nil, c.Errorf("MalformedCertificate", "Unable to parse certificate chain. Please ensure the certificates are in PEM format.")
		}
		rest = more
	}
	tags, err := exact.add(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	name := *in.ServerCertificateName
	s := serverCertificate{ID: world.NewID("ASCA"), Path: text(in, "Path"), Body: *in.CertificateBody, Chain: aws.ToString(in.CertificateChain),
		Tags: tags, Created: c.Now(), Expires: certificate.NotAfter}
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, taken := serverCertificates.Find(ch, c.AccountID(), name); taken {
			return c.Errorf("EntityAlreadyExists", "The Server Certificate with name %s already exists.", name)
		}
		n := 0
		for range serverCertificates.All(ch, c.AccountID()) {
			n++
		}
		if n >= maxServerCertificates {
			return quota(c, "ServerCertificatesPerAccount", maxServerCertificates)
		}
		serverCertificates.Put(ch, c.AccountID(), name, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.UploadServerCertificateOutput{ServerCertificateMetadata: showServerCertificate(c, name, s)}
	if len(tags) > 0 {
		out.Tags = tagList(tags)
	}
	return out, nil
}

func getServerCertificate(c *awsapi.Call, in *sdk.GetServerCertificateInput) (*sdk.GetServerCertificateOutput, error) {
	s, name, ok := serverCertificates.Find(c.World(), c.AccountID(), *in.ServerCertificateName)
	if !ok {
		return nil, noServerCertificate(c, *in.ServerCertificateName)
	}
	shown := &types.ServerCertificate{ServerCertificateMetadata: showServerCertificate(c, name, s), CertificateBody: &s.Body, Tags: tagList(s.Tags)}
	if s.Chain != "" {
		shown.CertificateChain = &s.Chain
	}
	return &sdk.GetServerCertificateOutput{ServerCertificate: shown}, nil
}

func listServerCertificates(c *awsapi.Call, in *sdk.ListServerCertificatesInput) (*sdk.ListServerCertificatesOutput, error) {
	var list []types.ServerCertificateMetadata
	for name, s := range serverCertificates.All(c.World(), c.AccountID()) {
		if below(s.Path, in.PathPrefix) {
			list = append(list, *showServerCertificate(c, name, s))
		}
	}
	out := &sdk.ListServerCertificatesOutput{}
	return out, page(c, in, out, "ServerCertificateMetadataList", list, func(m types.ServerCertificateMetadata) string { return *m.ServerCertificateName })
}

// changeServerCertificate is an operation that changes a certificate, or does away
// with it (nil).
func changeServerCertificate[In, Out any](do func(c *awsapi.Call, ch *world.Change, in *In, name string, s *serverCertificate) error) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), c.World().Change(c.Context(), func(ch *world.Change) error {
			s, name, ok := serverCertificates.Find(ch, c.AccountID(), text(in, "ServerCertificateName"))
			if !ok {
				return noServerCertificate(c, text(in, "ServerCertificateName"))
			}
			return do(c, ch, in, name, &s)
		})
	}
}

func updateServerCertificate(c *awsapi.Call, ch *world.Change, in *sdk.UpdateServerCertificateInput, name string, s *serverCertificate) error {
	if in.NewPath != nil {
		s.Path = *in.NewPath
	}
	if to := in.NewServerCertificateName; to != nil && *to != name {
		if _, other, taken := serverCertificates.Find(ch, c.AccountID(), *to); taken && other != name {
			return c.Errorf("EntityAlreadyExists", "The Server Certificate with name %s already exists.", *to)
		}
		serverCertificates.Delete(ch, c.AccountID(), name)
		name = *to
	}
	serverCertificates.Put(ch, c.AccountID(), name, *s)
	return nil
}

func deleteServerCertificate(c *awsapi.Call, ch *world.Change, _ *sdk.DeleteServerCertificateInput, name string, _ *serverCertificate) error {
	serverCertificates.Delete(ch, c.AccountID(), name)
	return nil
}

// tagServerCertificate is TagServerCertificate and UntagServerCertificate.
func tagServerCertificate[In any](c *awsapi.Call, ch *world.Change, in *In, name string, s *serverCertificate) (err error) {
	if s.Tags, err = exact.change(c, in, s.Tags); err == nil {
		serverCertificates.Put(ch, c.AccountID(), name, *s)
	}
	return err
}

func listServerCertificateTags(c *awsapi.Call, in *sdk.ListServerCertificateTagsInput) (*sdk.ListServerCertificateTagsOutput, error) {
	s, _, ok := serverCertificates.Find(c.World(), c.AccountID(), *in.ServerCertificateName)
	if !ok {
		return nil, noServerCertificate(c, *in.ServerCertificateName)
	}
	return pageOfTags[sdk.ListServerCertificateTagsOutput](c, in, s.Tags)
}
