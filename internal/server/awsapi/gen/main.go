// Command gen writes the interface descriptions of package awsapi: for each
// service its operations, shapes, constraints and errors, without any
// documentation. Its input is the data folder of botocore, in which AWS
// publishes the models of its services:
//
//	go run ./internal/server/awsapi/gen -data $(python3 -c 'import botocore; print(botocore.__path__[0])')/data -botocore 1.43.11 -out internal/server/awsapi/model
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// A source is a service's model in botocore, and the operations to take of it.
type source struct {
	service, version string
	operations       []string // nil: all
}

var sources = []source{
	{"iam", "2010-05-08", nil},
	{"sts", "2011-06-15", nil},
	{"kms", "2014-11-01", nil},
	{"organizations", "2016-11-28", nil},
	{"cloudtrail", "2013-11-01", nil},
	{"ec2", "2016-11-15", []string{
		"CreateVpcEndpoint", "DescribeVpcEndpoints", "ModifyVpcEndpoint", "DeleteVpcEndpoints", "DescribeVpcEndpointServices",
		"CreateVpc", "DescribeVpcs", "DeleteVpc", "DescribeRegions", "DescribePrefixLists", "CreateTags", "DeleteTags", "DescribeTags",
	}},
}

// A model is the part of botocore's service-2.json that counts.
type model struct {
	Metadata struct {
		Protocol, APIVersion, JSONVersion, TargetPrefix, XMLNamespace string
	}
	Operations map[string]struct {
		Input, Output *struct{ Shape string }
		Errors        []struct{ Shape string }
	}
	Shapes map[string]*shape
}

type shape struct {
	Type            string
	Members         map[string]*ref
	Required        []string
	Member          *ref
	Key, Value      *ref
	Flattened       bool
	Min, Max        *float64
	Pattern         string
	Enum            []string
	TimestampFormat string
	Exception       bool
	Fault           bool
	Error           *struct {
		Code           string
		HTTPStatusCode int
	}
}

type ref struct{ Shape, LocationName, QueryName string }

func main() {
	log.SetFlags(0)
	data := flag.String("data", "", "botocore's data `folder`")
	version := flag.String("botocore", "", "its `version`")
	out := flag.String("out", "", "`folder` to write to")
	flag.Parse()
	for _, s := range sources {
		if err := generate(s, *data, *version, *out); err != nil {
			log.Fatalf("%s: %v", s.service, err)
		}
	}
}

func generate(s source, data, version, out string) error {
	m, err := read(filepath.Join(data, s.service, s.version, "service-2.json.gz"))
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# The interface of %s, extracted by gen from botocore %s, data/%s/%s/service-2.json. DO NOT EDIT.\n", s.service, version, s.service, s.version)
	w := &writer{m: m, todo: map[string]bool{}}
	text += w.service(s)
	return os.WriteFile(filepath.Join(out, s.service+".txt"), []byte(text), 0o644)
}

func read(name string) (m *model, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	m = &model{}
	return m, json.NewDecoder(z).Decode(m)
}
