package estate

import "slices"

var (
	allOn  = PublicAccessBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
	allOff = PublicAccessBlock{}
)

// BlockPublicAccess returns the account's own settings; all off where it has
// none. What the organization assigns overrides them, see
// [Account.OrganizationPublicAccessBlock].
func (a *Account) BlockPublicAccess() PublicAccessBlock { return settings(a.PublicAccessBlock, allOff) }

// BlockPublicAccess returns the bucket's settings; all on where the estate
// states none, as of a new bucket.
func (b *Bucket) BlockPublicAccess() PublicAccessBlock { return settings(b.PublicAccessBlock, allOn) }

// BlockPublicAccess returns the access point's settings; all on where the
// estate states none, as of a new access point.
func (p *AccessPoint) BlockPublicAccess() PublicAccessBlock {
	return settings(p.PublicAccessBlock, allOn)
}

func settings(stated *PublicAccessBlock, absent PublicAccessBlock) PublicAccessBlock {
	if stated == nil {
		return absent
	}
	return *stated
}

func or(stated, absent string) string {
	if stated == "" {
		return absent
	}
	return stated
}

// RegionOrDefault returns the bucket's region.
func (b *Bucket) RegionOrDefault() string { return or(b.Region, DefaultRegion) }

// ObjectOwnership returns the bucket's Object Ownership setting.
func (b *Bucket) ObjectOwnership() string { return or(b.Ownership, "BucketOwnerEnforced") }

// ACLsDisabled reports whether Object Ownership disables ACLs.
func (b *Bucket) ACLsDisabled() bool { return b.ObjectOwnership() == "BucketOwnerEnforced" }

// RequesterPays reports whether requesters pay.
func (b *Bucket) RequesterPays() bool { return b.RequestPayer == "Requester" }

// ABACEnabled reports whether the bucket's tags take part in decisions.
func (b *Bucket) ABACEnabled() bool { return b.ABAC == "Enabled" }

var (
	blockedByDefault = []string{"SSE-C"}
	nothingBlocked   = []string{}
)

// DefaultEncryption returns the bucket's default encryption. Its Algorithm is
// never "" and its Blocked never nil; the list must not be changed.
func (b *Bucket) DefaultEncryption() Encryption {
	var e Encryption
	if b.Encryption != nil {
		e = *b.Encryption
	}
	e.Algorithm = or(e.Algorithm, "AES256")
	switch {
	case e.Blocked == nil:
		e.Blocked = &blockedByDefault
	case slices.Contains(*e.Blocked, "NONE"):
		e.Blocked = &nothingBlocked
	}
	return e
}

// Blocks reports whether the bucket refuses uploads with an encryption type,
// such as "SSE-C".
func (b *Bucket) Blocks(encryption string) bool {
	return slices.Contains(*b.DefaultEncryption().Blocked, encryption)
}

// Enabled reports whether new objects get version ids.
func (v Versioning) Enabled() bool { return v.Status == "Enabled" }

// Ever reports whether versioning was ever turned on, so that objects may have
// versions.
func (v Versioning) Ever() bool { return v.Status != "" }

// MFADeleteEnabled reports whether deleting a version takes a second factor.
func (v Versioning) MFADeleteEnabled() bool { return v.MFADelete == "Enabled" }

// Origin returns the access point's network origin, "Internet" or "VPC".
func (p *AccessPoint) Origin() string {
	if p.NetworkOrigin == "" && p.VPC != "" {
		return "VPC"
	}
	return or(p.NetworkOrigin, "Internet")
}

// IsActive reports whether the key may sign requests.
func (k *AccessKey) IsActive() bool { return k.Status != "Inactive" }

// RegionOrDefault returns the key's region.
func (k *Key) RegionOrDefault() string { return or(k.Region, DefaultRegion) }

// StateOrEnabled returns the key's state.
func (k *Key) StateOrEnabled() string { return or(k.State, "Enabled") }

// AWSManaged reports whether AWS manages the key.
func (k *Key) AWSManaged() bool { return k.Manager == "AWS" }

// TypeOrGateway returns the endpoint's type.
func (v *VPCEndpoint) TypeOrGateway() string { return or(v.Type, "Gateway") }

// Class returns the object's storage class.
func (o *Object) Class() string { return or(o.StorageClass, "STANDARD") }
