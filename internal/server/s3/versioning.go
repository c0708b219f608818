package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

type versioningConfiguration struct {
	XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ VersioningConfiguration"`
	Status    string   `xml:",omitempty"`
	MfaDelete string   `xml:",omitempty"`
}

func (x *exchange) parseVersioning(data []byte) error {
	x.body = &request.Body{}
	var c struct{ Status, MfaDelete string }
	if err := decodeXML(data, "VersioningConfiguration", &c); err != nil {
		return err
	}
	switch c.Status {
	case "Enabled", "Suspended":
	case "":
		return wire.NewError(http.StatusBadRequest, "IllegalVersioningConfigurationException",
			"The Versioning element must be specified")
	default:
		return malformedXML()
	}
	if c.MfaDelete != "" && c.MfaDelete != "Enabled" && c.MfaDelete != "Disabled" {
		return malformedXML()
	}
	x.body.Versioning = &estate.Versioning{Status: c.Status, MFADelete: c.MfaDelete}
	return nil
}

func (x *exchange) getBucketVersioning() error {
	v := x.bucket.Versioning
	return x.xml(versioningConfiguration{Status: v.Status, MfaDelete: v.MFADelete})
}

func (x *exchange) putBucketVersioning() error {
	want := x.body.Versioning
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		if err := versioningConflict(b, side, want); err != nil {
			return err
		}
		b.Versioning.Status = want.Status
		if want.MFADelete != "" {
			b.Versioning.MFADelete = want.MFADelete
		}
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

// versioningConflict refuses what other settings of the bucket do not go with:
// Object Lock and replication need versioning, and lifecycle rules go without a
// second factor ("Configuring MFA delete").
func versioningConflict(b *estate.Bucket, side *world.Side, want *estate.Versioning) error {
	suspends := want.Status == "Suspended"
	_, replicates := side.Configurations[replicationConfiguration.name]
	_, expires := side.Configurations[lifecycleConfiguration.name]
	message := ""
	switch {
	case suspends && b.ObjectLock.Enabled:
		message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
	case suspends && replicates:
		message = "A replication configuration is present on this bucket, so the versioning state cannot be changed."
	case want.MFADelete == "Enabled" && expires:
		message = "A lifecycle configuration is present on this bucket, so the MFA state cannot be changed."
	default:
		return nil
	}
	return wire.NewError(http.StatusConflict, "InvalidBucketState", message)
}
