package estate

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/why403/why403/iam"
)

// SchemaID is the identifier of the JSON Schema of the estate format.
const SchemaID = "https://github.com/why403/why403/estate-1.schema.json"

type object = map[string]any

// Schema returns the JSON Schema (draft 2020-12) of the estate format, indented.
// It is derived from the structures that Parse fills, so that the two cannot
// part. What a schema cannot say (that an attached policy exists, that a bucket
// is in one account only) Parse alone checks.
func Schema() []byte {
	g := &schemaMaker{defs: object{"Policy": policySchema(), "Statement": statementSchema()}}
	root := g.structure(reflect.TypeFor[Estate]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = SchemaID
	root["title"] = "why403 estate"
	root["description"] = "All that decides an Amazon S3 request: organizations, accounts, identities, buckets, keys, VPC endpoints and access points."
	root["type"] = "object"
	root["required"] = []string{"version"}
	root["properties"].(object)["version"].(object)["const"] = FormatVersion
	root["$defs"] = g.defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("estate: schema: " + err.Error()) // it holds plain values only
	}
	return append(out, '\n')
}

type schemaMaker struct{ defs object }

func (g *schemaMaker) structure(t reflect.Type) object {
	properties := object{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "" || name == "-" || t == reflect.TypeFor[Object]() && name == "exists" {
			continue // exists stands in requests only
		}
		s := g.value(f.Type, f.Tag)
		s["title"] = title(name)
		s["description"] = descriptions[t.Name()+"."+name]
		properties[name] = s
	}
	return object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
}

// title splits a field's name into words: "public access block".
func title(name string) string {
	var b strings.Builder
	upper := true
	for _, r := range name {
		if r >= 'A' && r <= 'Z' && !upper {
			b.WriteByte(' ')
		}
		upper = r >= 'A' && r <= 'Z'
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func (g *schemaMaker) value(t reflect.Type, tag reflect.StructTag) object {
	if t.Kind() == reflect.Pointer {
		return g.value(t.Elem(), tag)
	}
	if special, ok := g.special(t); ok {
		return special
	}
	switch t.Kind() {
	case reflect.Struct:
		return g.reference(t)
	case reflect.Map:
		return g.mapping(t)
	case reflect.Slice:
		item := g.value(t.Elem(), tag)
		if t.Elem().Kind() != reflect.String {
			return object{"type": []string{"array", "null"}, "items": item}
		}
		return object{"anyOf": []object{{"type": "array", "items": item}, item}}
	case reflect.Bool:
		return object{"type": []string{"boolean", "null"}}
	case reflect.Int:
		return object{"type": "integer"}
	}
	return stringSchema(tag)
}

var formPatterns = map[string]string{
	"account": `^[0-9]{12}$`, "region": regionSyntax.String(), "canonical": canonicalSyntax.String(),
	"owner": ownerSyntax.String(), "path": pathSyntax.String(), "base32": `^[A-Za-z2-7 ]+=*$`,
}

func stringSchema(tag reflect.StructTag) object {
	s := object{"type": []string{"string", "null"}}
	if enum := tag.Get("enum"); enum != "" {
		list := []any{nil, ""}
		for _, word := range strings.Split(enum, ",") {
			list = append(list, word)
		}
		s["enum"] = list
	}
	form := tag.Get("form")
	if pattern, ok := formPatterns[form]; ok {
		s["pattern"] = "^$|" + pattern
	}
	if form == "account" || form == "owner" {
		s["type"] = []string{"string", "integer", "null"} // an account id without quotes
	}
	return s
}

func (g *schemaMaker) mapping(t reflect.Type) object {
	s := object{"type": []string{"object", "null"}}
	if t.Elem().Kind() == reflect.String {
		s["additionalProperties"] = object{"type": []string{"string", "number", "boolean", "null"}}
		return s
	}
	s["additionalProperties"] = g.value(t.Elem(), "")
	if t.Key() == reflect.TypeFor[iam.AccountID]() {
		s["propertyNames"] = object{"pattern": formPatterns["account"]}
	}
	return s
}

// reference puts a structure among the definitions, once.
func (g *schemaMaker) reference(t reflect.Type) object {
	if _, ok := g.defs[t.Name()]; !ok {
		g.defs[t.Name()] = nil // it may hold itself
		g.defs[t.Name()] = g.structure(t)
	}
	return object{"$ref": "#/$defs/" + t.Name()}
}

// special are the values that may be written in more than one way.
func (g *schemaMaker) special(t reflect.Type) (object, bool) {
	switch t {
	case reflect.TypeFor[Document]():
		return documentSchema(), true
	case reflect.TypeFor[Documents]():
		return object{"type": []string{"object", "null"}, "additionalProperties": documentSchema()}, true
	case reflect.TypeFor[PublicAccessBlock]():
		return either(object{"type": "boolean"}, g.reference(t)), true
	case reflect.TypeFor[ACL]():
		canned, _ := t.FieldByName("Canned")
		return either(stringSchema(canned.Tag), g.reference(t)), true
	case reflect.TypeFor[UnitAccounts]():
		id := object{"type": []string{"string", "integer"}, "pattern": formPatterns["account"]}
		return either(object{"type": "array", "items": id}, g.mapping(t)), true
	case reflect.TypeFor[Unknowns]():
		item := g.reference(reflect.TypeFor[UnknownItem]())
		word := object{"type": "string"}
		return either(word, object{"type": "array", "items": either(word, item)},
			object{"type": []string{"object", "null"}, "additionalProperties": object{"type": []string{"string", "null"}}}), true
	case timeType:
		return object{"type": []string{"string", "integer", "null"}, "examples": []string{"2030-01-01T00:00:00Z"}}, true
	}
	return nil, false
}

func either(schemas ...object) object { return object{"anyOf": schemas} }

// documentSchema also takes any mapping under s3_attributes, for S3 policies of
// an organization, which are not written in the policy language.
func documentSchema() object {
	return either(object{"type": []string{"string", "null"}}, object{"$ref": "#/$defs/Policy"},
		object{"type": "object", "required": []string{"s3_attributes"}})
}

func policySchema() object {
	return object{"type": "object", "additionalProperties": false, "required": []string{"Statement"}, "properties": object{
		"Version":   object{"enum": []string{"2012-10-17", "2008-10-17"}, "description": "Version of the policy language; without it the older one."},
		"Id":        object{"type": "string"},
		"Statement": either(object{"$ref": "#/$defs/Statement"}, object{"type": "array", "items": object{"$ref": "#/$defs/Statement"}}),
	}}
}

func statementSchema() object {
	scalar := object{"type": []string{"string", "number", "boolean"}}
	values := either(object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}})
	anyValues := either(scalar, object{"type": "array", "items": scalar})
	ids := either(object{"type": []string{"string", "integer"}}, object{"type": "array", "items": object{"type": []string{"string", "integer"}}})
	principal := either(object{"const": "*"}, object{"type": "object", "additionalProperties": false,
		"properties": object{"AWS": ids, "Service": ids, "Federated": ids, "CanonicalUser": ids}})
	return object{"type": "object", "additionalProperties": false, "required": []string{"Effect"}, "properties": object{
		"Sid": object{"type": []string{"string", "number"}}, "Effect": object{"enum": []string{"Allow", "Deny"}},
		"Principal": principal, "NotPrincipal": principal, "Action": values, "NotAction": values, "Resource": values, "NotResource": values,
		"Condition": object{"type": []string{"object", "null"}, "additionalProperties": object{"type": "object", "additionalProperties": anyValues}},
	}}
}
