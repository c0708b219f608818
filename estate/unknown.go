package estate

import (
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/internal/node"
)

// Why reports whether any of the names is listed as unknown, and why. A name is
// a field of the resource ("document"), the API call that reads it
// ("GetBucketPolicy"), or a plain word ("bucket policy"); case, spaces and
// dashes do not count. An item "*" or "everything" is all of them.
func (u Unknowns) Why(names ...string) (why string, ok bool) {
	if len(u) == 0 {
		return "", false
	}
	for _, item := range u {
		covered := covers(item.What)
		for _, name := range names {
			if slices.Contains(covered, everything) || overlap(covered, covers(name)) {
				return or(item.Why, "not collected"), true
			}
		}
	}
	return "", false
}

const everything = "*"

// covers returns the fields that a name stands for, in folded form.
func covers(name string) []string {
	if name == "*" || strings.EqualFold(name, "everything") || strings.EqualFold(name, "all") {
		return []string{everything}
	}
	_, after, ok := strings.Cut(name, ":") // "s3:GetBucketPolicy"
	if ok && after != "" {
		name = after
	}
	folded := fold(name)
	if fields, ok := synonyms[folded]; ok {
		return append([]string{folded}, fields...)
	}
	for _, kind := range kindWords {
		rest, ok := strings.CutPrefix(folded, kind)
		if !ok || rest == "" || rest == "s" {
			continue
		}
		if fields, ok := synonyms[rest]; ok {
			return append([]string{folded, rest}, fields...)
		}
		return []string{folded, rest}
	}
	return []string{folded}
}

var kindWords = []string{"bucket", "object", "kmskey", "key", "user", "role", "group", "account", "accesspoint", "vpcendpoint", "endpoint", "organization", "iam", "s3", "kms"}

func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '*':
			return r
		}
		return -1
	}, name)
}

func overlap(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

// synonyms are the words for fields that are not the fields' own names.
var synonyms = func() map[string][]string {
	m := map[string][]string{}
	for words, fields := range map[string]string{
		"policy": "document inline attached",
		"policydocument getbucketpolicy getaccesspointpolicy getkeypolicy getpolicyversion getpolicy describepolicy": "document",
		"policies listpolicies":          "document inline attached managedpolicies scps rcps s3",
		"getbucketpolicystatus":          "document",
		"getbucketacl getobjectacl acls": "acl",
		"getpublicaccessblock getbucketpublicaccessblock getaccountpublicaccessblock blockpublicaccess bpa": "publicaccessblock",
		"getbucketownershipcontrols objectownership ownershipcontrols":                                      "ownership",
		"getbucketencryption getencryptionconfiguration defaultencryption serversideencryption":             "encryption",
		"getbucketversioning mfadelete":                               "versioning",
		"getobjectlockconfiguration getbucketobjectlockconfiguration": "objectlock lock",
		"getbucketrequestpayment requestpayment requesterpays":        "requestpayer",
		"getbucketabac":    "abac",
		"getbucketwebsite": "website",
		"getbuckettagging getobjecttagging getobjectversiontagging listusertags listroletags listresourcetags listtagsforresource tagging tagset": "tags",
		"getbucketlocation location": "region",
		"headbucket":                 "region",
		"listaccesspoints":           "accesspoints",
		"getaccesspoint":             "networkorigin vpc region alias bucket bucketaccount publicaccessblock",
		"listbucket listobjects listobjectsv2 listobjectversions":              "objects listed versions",
		"headobject getobject getobjectattributes metadata":                    "encryption storageclass archivestatus restoreduntil lock versions deletemarker owner",
		"getobjectretention getobjectlegalhold retention legalhold objectlock": "lock objectlock",
		"listgroupsforuser": "groups",
		"listuserpolicies getuserpolicy listrolepolicies getrolepolicy listgrouppolicies getgrouppolicy inlinepolicies": "inline",
		"listattacheduserpolicies listattachedrolepolicies listattachedgrouppolicies attachedpolicies":                  "attached",
		"managed":                              "managedpolicies attached",
		"getuser getrole":                      "boundary tags path id trust",
		"getgroup":                             "path",
		"permissionsboundary":                  "boundary",
		"trustpolicy assumerolepolicydocument": "trust",
		"listmfadevices listvirtualmfadevices mfa": "mfadevices",
		"listaccesskeys":                 "accesskeys",
		"listusers":                      "users",
		"listroles":                      "roles",
		"listgroups":                     "groups",
		"getaccountauthorizationdetails": "users roles groups managedpolicies",
		"listbuckets listallmybuckets":   "buckets",
		"listkeys kms":                   "keys",
		"describekey keystate":           "state manager",
		"listaliases":                    "aliases",
		"listgrants":                     "grants",
		"describevpcendpoints":           "vpcendpoints document vpc service type",
		"scp servicecontrolpolicy servicecontrolpolicies":                                        "scps",
		"rcp resourcecontrolpolicy resourcecontrolpolicies":                                      "rcps",
		"s3policy s3policies describeeffectivepolicy":                                            "s3",
		"listpoliciesfortarget listtargetsforpolicy":                                             "scps rcps s3",
		"organization organizations describeorganization listparents listroots organizationpath": "organization scps rcps s3",
		"listorganizationalunitsforparent":                                                       "units",
		"listaccounts listaccountsforparent listchildren":                                        "accounts units",
	} {
		for word := range strings.FieldsSeq(words) {
			m[word] = append(m[word], strings.Fields(fields)...)
		}
	}
	return m
}()

// EncryptionContext is what is unknown of an object whose writer may have given an
// encryption context: no API of S3 tells it.
const EncryptionContext = "encryptionContext"

// unlisted are the names that may be unknown of a resource besides its fields.
var unlisted = map[reflect.Type][]string{
	reflect.TypeFor[Account](): {"organization", "scps", "rcps", "s3"},
	reflect.TypeFor[Object]():  {EncryptionContext},
}

// unknowns complains about items that name nothing of their resource: they
// would hide from every gate that something is not known.
func (c *checker) unknowns(owner reflect.Type, list Unknowns) {
	known := slices.Clone(unlisted[owner])
	for _, f := range checkedNames(owner) {
		if f != "unknown" {
			known = append(known, f)
		}
	}
	folded := make([]string, len(known))
	for i, name := range known {
		folded[i] = fold(name)
	}
	for _, item := range list {
		if covered := covers(item.What); slices.Contains(covered, everything) || overlap(covered, folded) {
			continue
		}
		c.errs = append(c.errs, &node.Error{Pos: item.Pos, Msg: "unknown names " + quote(item.What) + ", which is nothing of this resource; " + suggest(item.What, known)})
	}
}

func quote(s string) string { return "\"" + s + "\"" }

func checkedNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("json"); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}
