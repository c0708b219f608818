package iam

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A samlProvider is a SAML identity provider as a stored configuration: no
// assertion is exchanged for a session here.
type samlProvider struct {
	UUID     string            `json:"uuid"`
	Metadata string            `json:"metadata"`
	Mode     string            `json:"mode,omitempty"` // of assertion encryption; Allowed where absent
	Tags     map[string]string `json:"tags,omitempty"`
	Created  time.Time         `json:"created,omitzero"`
	Until    time.Time         `json:"until,omitzero"`
}

// samlProviders are the providers by name.
var samlProviders = world.NewKind[samlProvider]("saml-provider")

const (
	maxSAMLProviders = 100
	samlYears        = 100 // for which metadata holds that says nothing of it
)

func samlARN(c *awsapi.Call, name string) string { return arnOf(c, "saml-provider", "/", name) }

// samlName is the name in an ARN of the caller's account.
func samlName(c *awsapi.Call, arn string) string {
	name, ok := strings.CutPrefix(arn, samlARN(c, ""))
	if !ok {
		return ""
	}
	return name
}

func onSAMLProvider[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	arn := text(in, "SAMLProviderArn")
	if name := text(in, "Name"); name != "" {
		arn = samlARN(c, name)
	}
	p, _ := samlProviders.Get(c.World(), c.AccountID(), samlName(c, arn))
	return check(c, in, arn, awsapi.Keys(nil).ResourceTags("iam", p.Tags))
}

// read takes the metadata of an identity provider ("Metadata for the OASIS Security
// Assertion Markup Language 2.0").
func (p *samlProvider) read(c *awsapi.Call, metadata string) error {
	p.Metadata, p.Until = metadata, p.Created.AddDate(samlYears, 0, 0)
	d, root := xml.NewDecoder(strings.NewReader(metadata)), ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root == "EntityDescriptor" {
			return nil
		}
		if err != nil {
			return c.Errorf("InvalidInput", "Could not parse metadata")
		}
		start, ok := token.(xml.StartElement)
		if !ok || root != "" {
			continue
		}
		root = start.Name.Local
		for _, a := range start.Attr {
			if until, err := time.Parse(time.RFC3339, a.Value); a.Name.Local == "validUntil" && err == nil {
				p.Until = until
			}
		}
	}
}

func noSAMLProvider(c *awsapi.Call, arn string) error {
	return c.Errorf("NoSuchEntity", "Manifest not found for arn %s", arn)
}

func createSAMLProvider(c *awsapi.Call, in *sdk.CreateSAMLProviderInput) (*sdk.CreateSAMLProviderOutput, error) {
	p := samlProvider{UUID: world.NewID("SAMLSP"), Mode: string(in.AssertionEncryptionMode), Created: c.Now()}
	if err := p.read(c, *in.SAMLMetadataDocument); err != nil {
		return nil, err
	}
	var err error
	if p.Tags, err = exact.add(c, nil, in.Tags); err != nil {
		return nil, err
	}
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		n := 0
		for range samlProviders.All(ch, c.AccountID()) {
			n++
		}
		if _, taken := samlProviders.Get(ch, c.AccountID(), *in.Name); taken {
			return c.Errorf("EntityAlreadyExists", "Provider %s already exists.", *in.Name)
		} else if n >= maxSAMLProviders {
			return quota(c, "SAMLProvidersPerAccount", maxSAMLProviders)
		}
		samlProviders.Put(ch, c.AccountID(), *in.Name, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.CreateSAMLProviderOutput{SAMLProviderArn: aws.String(samlARN(c, *in.Name))}
	if len(p.Tags) > 0 {
		out.Tags = tagList(p.Tags)
	}
	return out, nil
}

func getSAMLProvider(c *awsapi.Call, in *sdk.GetSAMLProviderInput) (*sdk.GetSAMLProviderOutput, error) {
	p, ok := samlProviders.Get(c.World(), c.AccountID(), samlName(c, *in.SAMLProviderArn))
	if !ok {
		return nil, noSAMLProvider(c, *in.SAMLProviderArn)
	}
	mode := types.AssertionEncryptionModeTypeAllowed
	if p.Mode != "" {
		mode = types.AssertionEncryptionModeType(p.Mode)
	}
	return &sdk.GetSAMLProviderOutput{SAMLMetadataDocument: &p.Metadata, SAMLProviderUUID: &p.UUID, AssertionEncryptionMode: mode,
		PrivateKeyList: []types.SAMLPrivateKey{}, Tags: tagList(p.Tags), CreateDate: date(p.Created), ValidUntil: date(p.Until)}, nil
}

func listSAMLProviders(c *awsapi.Call, _ *sdk.ListSAMLProvidersInput) (*sdk.ListSAMLProvidersOutput, error) {
	out := &sdk.ListSAMLProvidersOutput{SAMLProviderList: []types.SAMLProviderListEntry{}}
	for name, p := range samlProviders.All(c.World(), c.AccountID()) {
		out.SAMLProviderList = append(out.SAMLProviderList, types.SAMLProviderListEntry{Arn: aws.String(samlARN(c, name)), CreateDate: date(p.Created), ValidUntil: date(p.Until)})
	}
	return out, nil
}

func updateSAMLProvider(c *awsapi.Call, in *sdk.UpdateSAMLProviderInput) (*sdk.UpdateSAMLProviderOutput, error) {
	err := changeSAMLProvider(c, in, func(p *samlProvider) error {
		if in.AssertionEncryptionMode != "" {
			p.Mode = string(in.AssertionEncryptionMode)
		}
		if in.SAMLMetadataDocument != nil {
			return p.read(c, *in.SAMLMetadataDocument)
		}
		return nil
	})
	return &sdk.UpdateSAMLProviderOutput{SAMLProviderArn: in.SAMLProviderArn}, err
}

// tagSAMLProvider is TagSAMLProvider and UntagSAMLProvider.
func tagSAMLProvider[In, Out any](c *awsapi.Call, in *In) (*Out, error) {
	return new(Out), changeSAMLProvider(c, in, func(p *samlProvider) (err error) {
		p.Tags, err = exact.change(c, in, p.Tags)
		return err
	})
}

func changeSAMLProvider(c *awsapi.Call, in any, do func(*samlProvider) error) error {
	arn := text(in, "SAMLProviderArn")
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		p, ok := samlProviders.Get(ch, c.AccountID(), samlName(c, arn))
		if !ok {
			return noSAMLProvider(c, arn)
		}
		if err := do(&p); err != nil {
			return err
		}
		samlProviders.Put(ch, c.AccountID(), samlName(c, arn), p)
		return nil
	})
}

func listSAMLProviderTags(c *awsapi.Call, in *sdk.ListSAMLProviderTagsInput) (*sdk.ListSAMLProviderTagsOutput, error) {
	p, ok := samlProviders.Get(c.World(), c.AccountID(), samlName(c, *in.SAMLProviderArn))
	if !ok {
		return nil, noSAMLProvider(c, *in.SAMLProviderArn)
	}
	return pageOfTags[sdk.ListSAMLProviderTagsOutput](c, in, p.Tags)
}

func deleteSAMLProvider(c *awsapi.Call, in *sdk.DeleteSAMLProviderInput) (*sdk.DeleteSAMLProviderOutput, error) {
	return &sdk.DeleteSAMLProviderOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		name := samlName(c, *in.SAMLProviderArn)
		if _, ok := samlProviders.Get(ch, c.AccountID(), name); !ok {
			return noSAMLProvider(c, *in.SAMLProviderArn)
		}
		samlProviders.Delete(ch, c.AccountID(), name)
		return nil
	})
}
