package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
)

// selfSigned is a certificate with its private key in PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example.com"}, NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(2_000_000_000, 0)}
	der, err := x509.CreateCertificate(rand.Reader, from, from, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return inPEM("CERTIFICATE", der), inPEM("PRIVATE KEY", pkcs8)
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sshPublic is the public key of an RSA key pair as ssh-keygen writes it, and in PEM.
func sshPublic(t *testing.T) (ssh, asPEM string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	wire := "\x00\x00\x00\x07ssh-rsa\x00\x00\x00\x03\x01\x00\x01\x00\x00\x01\x01\x00" + string(private.N.Bytes()) // its first bit is set
	return "ssh-rsa " + base64.StdEncoding.EncodeToString([]byte(wire)) + " me@example", inPEM("PUBLIC KEY", der)
}

// The credentials that are kept for users. Answers and errors were recorded at AWS in 2026 by the project localstack
// (tests/aws/services/iam/test_iam_{ssh_public_keys,signing_certificates}.snapshot.json).
func TestIAMCredentials(t *testing.T) {
	g := newRig(t, nil)
	ssh, sshPEM := sshPublic(t)
	one, _ := selfSigned(t)
	two, _ := selfSigned(t)
	three, _ := selfSigned(t)
	q := url.QueryEscape
	g.converse(root, []sentence{{"Action=CreateUser&UserName=holder", 200, "", ""}})

	id := between(g.query(root, "Action=UploadSSHPublicKey&UserName=holder&SSHPublicKeyBody="+q(ssh)).body, "<SSHPublicKeyId>", "<")
	const none = "APKAXXXXXXXXXXXXXXXXX"
	noKey := message("NoSuchEntity", "The Public Key with id "+none+" cannot be found.")
	g.converse(root, []sentence{
		{"Action=UploadSSHPublicKey&UserName=holder&SSHPublicKeyBody=" + q(sshPEM), 400, "<Code>DuplicateSSHPublicKey<", ""},
		{"Action=UploadSSHPublicKey&UserName=holder&SSHPublicKeyBody=" + q("ssh-rsa AAAA"), 400, "<Code>InvalidPublicKey<", ""},
		{"Action=UploadSSHPublicKey&UserName=none&SSHPublicKeyBody=" + q(ssh), 404, message("NoSuchEntity", "The user with name none cannot be found."), ""},
		{"Action=UpdateSSHPublicKey&UserName=holder&Status=Inactive&SSHPublicKeyId=" + id, 200, "", ""},
		{"Action=GetSSHPublicKey&UserName=holder&Encoding=SSH&SSHPublicKeyId=" + id, 200, "<Status>Inactive</Status>", ""},
		{"Action=GetSSHPublicKey&UserName=holder&Encoding=PEM&SSHPublicKeyId=" + id, 200, strings.TrimSpace(strings.ReplaceAll(sshPEM, "\n", "&#xA;")), ""},
		{"Action=ListSSHPublicKeys&UserName=holder", 200, "<SSHPublicKeyId>" + id + "</SSHPublicKeyId>", "<SSHPublicKeyBody>"},
		{"Action=GetSSHPublicKey&UserName=holder&Encoding=SSH&SSHPublicKeyId=" + none, 404, noKey, ""},
		{"Action=UpdateSSHPublicKey&UserName=holder&Status=Active&SSHPublicKeyId=" + none, 404, noKey, ""},
		{"Action=DeleteSSHPublicKey&UserName=holder&SSHPublicKeyId=" + none, 404, noKey, ""},
		{"Action=DeleteUser&UserName=holder", 409, "<Code>DeleteConflict<", ""},
		{"Action=DeleteSSHPublicKey&UserName=holder&SSHPublicKeyId=" + id, 200, "", ""},
	})

	id = between(g.query(root, "Action=UploadSigningCertificate&UserName=holder&CertificateBody="+q(one)).body, "<CertificateId>", "<")
	noCertificate := message("NoSuchEntity", "The Certificate with id NONEXISTENTCERTID12345678901 cannot be found.")
	g.converse(root, []sentence{
		{"Action=UploadSigningCertificate&UserName=holder&CertificateBody=invalid-certificate-body", 400, message("MalformedCertificate", "Certificate invalid-certificate-body is malformed."), ""},
		{"Action=UploadSigningCertificate&UserName=holder&CertificateBody=" + q(one), 409, "<Code>DuplicateCertificate<", ""},
		{"Action=UploadSigningCertificate&UserName=holder&CertificateBody=" + q(two), 200, "<Status>Active</Status>", ""},
		{"Action=UploadSigningCertificate&UserName=holder&CertificateBody=" + q(three), 409, message("LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2"), ""},
		{"Action=UpdateSigningCertificate&UserName=holder&Status=Inactive&CertificateId=NONEXISTENTCERTID12345678901", 404, noCertificate, ""},
		{"Action=DeleteSigningCertificate&UserName=holder&CertificateId=NONEXISTENTCERTID12345678901", 404, noCertificate, ""},
		{"Action=DeleteSigningCertificate&UserName=none&CertificateId=NONEXISTENTCERTID12345678901", 404, message("NoSuchEntity", "The user with name none cannot be found."), ""},
		{"Action=UpdateSigningCertificate&UserName=holder&Status=Inactive&CertificateId=" + id, 200, "", ""},
		{"Action=UpdateUser&UserName=holder&NewUserName=renamed", 200, "", ""},
		{"Action=ListSigningCertificates&UserName=renamed", 200, "<Status>Inactive</Status>", ""},
		{"Action=DeleteUser&UserName=renamed", 409, "<Code>DeleteConflict<", ""},
	})

	id = between(g.query(root, "Action=CreateServiceSpecificCredential&UserName=renamed&ServiceName=codecommit.amazonaws.com").body, "<ServiceSpecificCredentialId>", "<")
	g.converse(root, []sentence{
		{"Action=CreateServiceSpecificCredential&UserName=renamed&ServiceName=s3.amazonaws.com", 404, "<Code>NotSupportedService<", ""},
		{"Action=ResetServiceSpecificCredential&UserName=renamed&ServiceSpecificCredentialId=" + id, 200, "<ServiceUserName>renamed-at-111122223333</ServiceUserName>", ""},
		{"Action=UpdateServiceSpecificCredential&UserName=renamed&Status=Inactive&ServiceSpecificCredentialId=" + id, 200, "", ""},
		{"Action=ListServiceSpecificCredentials&UserName=renamed&ServiceName=codecommit.amazonaws.com", 200, "<Status>Inactive</Status>", "<ServicePassword>"},
		{"Action=DeleteServiceSpecificCredential&UserName=renamed&ServiceSpecificCredentialId=" + id, 200, "", ""},
		{"Action=GenerateCredentialReport", 200, "", ""},
	})
	report, err := base64.StdEncoding.DecodeString(between(g.query(root, "Action=GetCredentialReport").body, "<Content>", "<"))
	if line := between(string(report), "renamed,", "\n"); err != nil || !strings.Contains(line, ",true,") {
		t.Errorf("the report says of certificates: %q, %v", line, err)
	}
	g.wantAPI(g.query(nobody, "Action=ListServerCertificates"), 403, "")
}

// Certificates for TLS and SAML providers: recorded likewise
// (test_iam_{server_certificates,saml_providers}.snapshot.json).
func TestIAMCertificatesAndProviders(t *testing.T) {
	g := newRig(t, nil)
	one, key := selfSigned(t)
	two, _ := selfSigned(t)
	q := url.QueryEscape
	pair := "&CertificateBody=" + q(one) + "&PrivateKey=" + q(key)
	noServer := message("NoSuchEntity", "The Server Certificate with name none cannot be found.")
	g.converse(root, []sentence{
		{"Action=UploadServerCertificate&ServerCertificateName=tls&Path=/web/&CertificateChain=" + q(two) + pair, 200, "<Arn>arn:aws:iam::111122223333:server-certificate/web/tls</Arn>", "<Tags"},
		{"Action=UploadServerCertificate&ServerCertificateName=tls" + pair, 409, message("EntityAlreadyExists", "The Server Certificate with name tls already exists."), ""},
		{"Action=UploadServerCertificate&ServerCertificateName=other&CertificateBody=" + q(two) + "&PrivateKey=" + q(key), 400, "<Code>KeyPairMismatch<", ""},
		{"Action=UploadServerCertificate&ServerCertificateName=other&CertificateBody=x&PrivateKey=" + q(key), 400, "<Code>MalformedCertificate<", ""},
		{"Action=GetServerCertificate&ServerCertificateName=none", 404, noServer, ""},
		{"Action=DeleteServerCertificate&ServerCertificateName=none", 404, noServer, ""},
		{"Action=TagServerCertificate&ServerCertificateName=tls&Tags.member.1.Key=k&Tags.member.1.Value=v", 200, "", ""},
		{"Action=UpdateServerCertificate&ServerCertificateName=tls&NewServerCertificateName=tls2", 200, "", ""},
		{"Action=ListServerCertificates&PathPrefix=/web/", 200, "<Expiration>2033-05-18T03:33:20Z</Expiration>", "<CertificateBody>"},
		{"Action=ListServerCertificates&PathPrefix=/other/", 200, "", "tls2"},
		{"Action=ListServerCertificateTags&ServerCertificateName=tls2", 200, "<Key>k</Key>", ""},
		{"Action=GetServerCertificate&ServerCertificateName=tls2", 200, "<CertificateChain>", "<PrivateKey>"},
		{"Action=DeleteServerCertificate&ServerCertificateName=tls2", 200, "", ""},
	})

	metadata := q(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2031-01-02T03:04:05Z"><!--` + strings.Repeat("x", 1000) + `--></EntityDescriptor>`)
	const arn, noARN = "arn:aws:iam::111122223333:saml-provider/idp", "arn:aws:iam::111122223333:saml-provider/none"
	noProvider := message("NoSuchEntity", "Manifest not found for arn "+noARN)
	g.converse(root, []sentence{
		{"Action=CreateSAMLProvider&Name=idp&SAMLMetadataDocument=" + metadata, 200, "<SAMLProviderArn>" + arn + "</SAMLProviderArn>", "<Tags"},
		{"Action=CreateSAMLProvider&Name=idp&SAMLMetadataDocument=" + metadata, 409, "<Code>EntityAlreadyExists<", ""},
		{"Action=CreateSAMLProvider&Name=bad&SAMLMetadataDocument=" + strings.Repeat("x", 1000), 400, "<Code>InvalidInput<", ""},
		{"Action=GetSAMLProvider&SAMLProviderArn=" + arn, 200, "<AssertionEncryptionMode>Allowed</AssertionEncryptionMode>", ""},
		{"Action=GetSAMLProvider&SAMLProviderArn=" + arn, 200, "<ValidUntil>2031-01-02T03:04:05Z</ValidUntil>", ""},
		{"Action=GetSAMLProvider&SAMLProviderArn=" + noARN, 404, noProvider, ""},
		{"Action=DeleteSAMLProvider&SAMLProviderArn=" + noARN, 404, noProvider, ""},
		{"Action=UpdateSAMLProvider&AssertionEncryptionMode=Required&SAMLProviderArn=" + arn, 200, arn, ""},
		{"Action=ListSAMLProviders", 200, "<Arn>" + arn + "</Arn>", ""},
		{"Action=DeleteSAMLProvider&SAMLProviderArn=" + arn, 200, "", ""},
	})
}
