package record

import "bytes"

// Clone returns a copy that holds for longer than the reader's buffer.
func (r *Record) Clone() *Record {
	c := *r
	for _, text := range append(c.texts(), c.Who.texts()...) {
		*text = bytes.Clone(*text)
	}
	c.Params, c.Raw = cloneParams(r.Params), cloneParams(r.Raw)
	return &c
}

func cloneParams(list []Param) []Param {
	out := make([]Param, 0, len(list))
	for _, p := range list {
		out = append(out, Param{bytes.Clone(p.Name), bytes.Clone(p.Value)})
	}
	return out
}

// Join fills in what another account's copy of the same event tells besides. The
// owner's copy cuts a caller of another account down to its id, the caller's copy
// leaves the owner out (S3 User Guide, CloudTrail events: cross-account access;
// both have the same sharedEventID).
func (r *Record) Join(o *Record) {
	if len(r.Who.ARN) == 0 && len(o.Who.ARN) > 0 {
		r.Who = o.Who
	}
	theirs := o.texts()
	for i, text := range r.texts() {
		if len(*text) == 0 {
			*text = *theirs[i]
		}
	}
	if len(r.Params) == 0 {
		r.Params = o.Params
	}
	if len(r.Raw) == 0 {
		r.Raw = o.Raw
	}
	r.TellsTLS = r.TellsTLS || o.TellsTLS
	r.ACLRequired = r.ACLRequired || o.ACLRequired
}

// texts are the texts of the record itself.
func (r *Record) texts() []*[]byte {
	return []*[]byte{&r.Service, &r.Event, &r.Category, &r.Type, &r.Bucket, &r.Key, &r.VersionID, &r.Method, &r.BucketOwner, &r.AccessPoint, &r.KeyARN, &r.EncryptionContext,
		&r.SourceIP, &r.VPCEndpoint, &r.UserAgent, &r.Referer, &r.Region, &r.Host, &r.AuthMethod, &r.SignatureVer, &r.Cipher, &r.TLSVersion, &r.Error, &r.Message,
		&r.RequestID, &r.EventID, &r.SharedID, &r.Recipient}
}

func (w *Identity) texts() []*[]byte {
	return []*[]byte{&w.Type, &w.PrincipalID, &w.ARN, &w.Account, &w.AccessKey, &w.UserName, &w.InvokedBy, &w.IssuerType, &w.IssuerARN, &w.IssuerAccount, &w.MFA, &w.Created, &w.SourceIdentity, &w.RoleDelivery}
}
