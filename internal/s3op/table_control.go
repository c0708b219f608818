package s3op

// controlSpecs are the operations of S3 Control. Their actions are named like the
// operations, except for the account's Block Public Access settings (Amazon S3 API
// Reference, Actions of Amazon S3 Control; Service Authorization Reference).
var controlSpecs = concat(
	[]*Spec{
		control("GET", "GetAccountPublicAccessBlock", "configuration/publicAccessBlock").any().api("GetPublicAccessBlock"),
		control("PUT", "PutAccountPublicAccessBlock", "configuration/publicAccessBlock").any().api("PutPublicAccessBlock"),
		control("DELETE", "DeleteAccountPublicAccessBlock", "configuration/publicAccessBlock").any().api("DeletePublicAccessBlock").action("s3:PutAccountPublicAccessBlock"),
	},
	accessPointSpecs, objectLambdaSpecs, multiRegionSpecs, jobSpecs, storageLensSpecs, accessGrantSpecs,
	[]*Spec{
		control("POST", "TagResource", "tags/{resourceArn+}").success(204),
		control("DELETE", "UntagResource", "tags/{resourceArn+}"),
		control("GET", "ListTagsForResource", "tags/{resourceArn+}"),
	},
)

var accessPointSpecs = []*Spec{
	control("PUT", "CreateAccessPoint", "accesspoint/{name}"),
	control("GET", "GetAccessPoint", "accesspoint/{name}"),
	control("DELETE", "DeleteAccessPoint", "accesspoint/{name}"),
	control("GET", "ListAccessPoints", "accesspoint").any(),
	control("PUT", "PutAccessPointPolicy", "accesspoint/{name}/policy"),
	control("GET", "GetAccessPointPolicy", "accesspoint/{name}/policy"),
	control("DELETE", "DeleteAccessPointPolicy", "accesspoint/{name}/policy"),
	control("GET", "GetAccessPointPolicyStatus", "accesspoint/{name}/policyStatus"),
}

var objectLambdaSpecs = []*Spec{
	control("PUT", "CreateAccessPointForObjectLambda", "accesspointforobjectlambda/{name}"),
	control("GET", "GetAccessPointForObjectLambda", "accesspointforobjectlambda/{name}"),
	control("DELETE", "DeleteAccessPointForObjectLambda", "accesspointforobjectlambda/{name}"),
	control("GET", "ListAccessPointsForObjectLambda", "accesspointforobjectlambda").any(),
	control("PUT", "PutAccessPointPolicyForObjectLambda", "accesspointforobjectlambda/{name}/policy"),
	control("GET", "GetAccessPointPolicyForObjectLambda", "accesspointforobjectlambda/{name}/policy"),
	control("DELETE", "DeleteAccessPointPolicyForObjectLambda", "accesspointforobjectlambda/{name}/policy"),
	control("GET", "GetAccessPointPolicyStatusForObjectLambda", "accesspointforobjectlambda/{name}/policyStatus"),
	control("PUT", "PutAccessPointConfigurationForObjectLambda", "accesspointforobjectlambda/{name}/configuration"),
	control("GET", "GetAccessPointConfigurationForObjectLambda", "accesspointforobjectlambda/{name}/configuration"),
}

var multiRegionSpecs = []*Spec{
	control("POST", "CreateMultiRegionAccessPoint", "async-requests/mrap/create").elsewhere("s3:ListAllMyBuckets"),
	control("POST", "DeleteMultiRegionAccessPoint", "async-requests/mrap/delete").success(200).elsewhere("s3:ListAllMyBuckets"),
	control("POST", "PutMultiRegionAccessPointPolicy", "async-requests/mrap/put-policy"),
	control("GET", "DescribeMultiRegionAccessPointOperation", "async-requests/mrap/{token+}"),
	control("GET", "ListMultiRegionAccessPoints", "mrap/instances").any(),
	control("GET", "GetMultiRegionAccessPoint", "mrap/instances/{name}"),
	control("GET", "GetMultiRegionAccessPointPolicy", "mrap/instances/{name}/policy"),
	control("GET", "GetMultiRegionAccessPointPolicyStatus", "mrap/instances/{name}/policystatus"),
	control("GET", "GetMultiRegionAccessPointRoutes", "mrap/instances/{name}/routes"),
	control("PATCH", "SubmitMultiRegionAccessPointRoutes", "mrap/instances/{name}/routes"),
}

var jobSpecs = []*Spec{
	control("POST", "CreateJob", "jobs").any().elsewhere("iam:PassRole"),
	control("GET", "ListJobs", "jobs").any(),
	control("GET", "DescribeJob", "jobs/{id}"),
	control("POST", "UpdateJobPriority", "jobs/{id}/priority"),
	control("POST", "UpdateJobStatus", "jobs/{id}/status"),
	control("GET", "GetJobTagging", "jobs/{id}/tagging"),
	control("PUT", "PutJobTagging", "jobs/{id}/tagging"),
	control("DELETE", "DeleteJobTagging", "jobs/{id}/tagging"),
}

var storageLensSpecs = []*Spec{
	control("GET", "ListStorageLensConfigurations", "storagelens").any(),
	control("GET", "GetStorageLensConfiguration", "storagelens/{id}"),
	control("PUT", "PutStorageLensConfiguration", "storagelens/{id}").any(),
	control("DELETE", "DeleteStorageLensConfiguration", "storagelens/{id}"),
	control("GET", "GetStorageLensConfigurationTagging", "storagelens/{id}/tagging"),
	control("PUT", "PutStorageLensConfigurationTagging", "storagelens/{id}/tagging"),
	control("DELETE", "DeleteStorageLensConfigurationTagging", "storagelens/{id}/tagging"),
	control("POST", "CreateStorageLensGroup", "storagelensgroup").any().success(204),
	control("GET", "ListStorageLensGroups", "storagelensgroup").any(),
	control("GET", "GetStorageLensGroup", "storagelensgroup/{name}"),
	control("PUT", "UpdateStorageLensGroup", "storagelensgroup/{name}").success(204),
	control("DELETE", "DeleteStorageLensGroup", "storagelensgroup/{name}"),
}

var accessGrantSpecs = []*Spec{
	control("POST", "CreateAccessGrantsInstance", "accessgrantsinstance"),
	control("GET", "GetAccessGrantsInstance", "accessgrantsinstance"),
	control("DELETE", "DeleteAccessGrantsInstance", "accessgrantsinstance"),
	control("GET", "ListAccessGrantsInstances", "accessgrantsinstances").any(),
	control("PUT", "PutAccessGrantsInstanceResourcePolicy", "accessgrantsinstance/resourcepolicy"),
	control("GET", "GetAccessGrantsInstanceResourcePolicy", "accessgrantsinstance/resourcepolicy"),
	control("DELETE", "DeleteAccessGrantsInstanceResourcePolicy", "accessgrantsinstance/resourcepolicy"),
	control("POST", "AssociateAccessGrantsIdentityCenter", "accessgrantsinstance/identitycenter"),
	control("DELETE", "DissociateAccessGrantsIdentityCenter", "accessgrantsinstance/identitycenter"),
	control("GET", "GetAccessGrantsInstanceForPrefix", "accessgrantsinstance/prefix"),
	control("POST", "CreateAccessGrantsLocation", "accessgrantsinstance/location").elsewhere("iam:PassRole"),
	control("GET", "ListAccessGrantsLocations", "accessgrantsinstance/locations"),
	control("GET", "GetAccessGrantsLocation", "accessgrantsinstance/location/{id}"),
	control("PUT", "UpdateAccessGrantsLocation", "accessgrantsinstance/location/{id}").elsewhere("iam:PassRole"),
	control("DELETE", "DeleteAccessGrantsLocation", "accessgrantsinstance/location/{id}"),
	control("POST", "CreateAccessGrant", "accessgrantsinstance/grant"),
	control("GET", "ListAccessGrants", "accessgrantsinstance/grants"),
	control("GET", "GetAccessGrant", "accessgrantsinstance/grant/{id}"),
	control("DELETE", "DeleteAccessGrant", "accessgrantsinstance/grant/{id}"),
	control("GET", "ListCallerAccessGrants", "accessgrantsinstance/caller/grants"),
	control("GET", "GetDataAccess", "accessgrantsinstance/dataaccess"),
}

// controlVersion is the path segment that all of S3 Control begins with.
const controlVersion = "v20180820"

func control(method, name, path string) *Spec {
	s := &Spec{Name: name, Scope: Account, Method: method, Path: "/" + controlVersion + "/" + path, Action: "s3:" + name, Read: method == "GET",
		Success: 200, AnonymousText: accessDenied}
	if method == "DELETE" {
		s.Success = 204
	}
	return s.api(name)
}

func (s *Spec) any() *Spec { return s.anyResource() }

func (s *Spec) action(a string) *Spec { s.Action = a; return s }

// api sets the page of an operation of S3 Control by its name in the API Reference.
func (s *Spec) api(name string) *Spec { return s.page(page("control_" + name)) }
