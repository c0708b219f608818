package s3

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// A listedConfiguration is a setting of which a bucket has several documents, told
// apart by their id.
type listedConfiguration struct {
	kind   string // "Inventory", as in GetBucketInventoryConfiguration
	list   string // the root of what List answers
	schema *document.Schema
	check  func(*exchange, *document.Element) error
}

const (
	maxConfigurations = 1000
	configurationPage = 100
)

func (c *listedConfiguration) operations(table map[string]operation) {
	name := "Bucket" + c.kind + "Configuration"
	table["Get"+name] = operation{act: c.get}
	table["List"+name+"s"] = operation{act: c.listAll}
	table["Put"+name] = operation{limit: xmlLimit, parse: c.parse, act: c.put}
	table["Delete"+name] = operation{act: c.delete}
}

func (c *listedConfiguration) parse(x *exchange, data []byte) error {
	return parsed(c.schema)(x, data)
}

// key is under which a configuration is kept.
func (c *listedConfiguration) key(id string) string { return c.kind + "/" + id }

func (c *listedConfiguration) get(x *exchange) error {
	text, ok := x.s.World.Side(x.bucketName).Configurations[c.key(x.query.Get("id"))]
	if !ok {
		return x.noSuchConfiguration()
	}
	d, err := c.schema.Parse([]byte(text))
	if err != nil {
		return err
	}
	return x.document(d)
}

func (x *exchange) noSuchConfiguration() error {
	return missingConfiguration("NoSuchConfiguration", "The specified configuration does not exist.")
}

func (c *listedConfiguration) put(x *exchange) error {
	d, id := x.parsed.(*document.Element), x.query.Get("id")
	if d.Get("Id") != id {
		return wire.NewError(http.StatusBadRequest, "IdMismatch", "Document ID does not match the specified configuration ID.")
	}
	if !validConfigurationID(id) {
		return wire.NewError(http.StatusBadRequest, "InvalidConfigurationId", "The specified configuration id is invalid.")
	}
	if err := c.check(x, d); err != nil {
		return err
	}
	err := x.change(func(_ *estate.Bucket, side *world.Side) error {
		if _, ok := side.Configurations[c.key(id)]; !ok && len(c.ids(side.Configurations)) >= maxConfigurations {
			return wire.NewError(http.StatusBadRequest, "TooManyConfigurations",
				"You are attempting to create a new configuration but have already reached the 1,000-configuration limit.")
		}
		setConfiguration(side, c.key(id), string(d.XML()))
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent) // observed at AWS
}

// validConfigurationID holds ids to what S3 takes in its own: letters, digits,
// periods, dashes and underscores, 64 of them.
func validConfigurationID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && r != '.' && r != '-' && r != '_'
	})
}

func (c *listedConfiguration) delete(x *exchange) error {
	key := c.key(x.query.Get("id"))
	err := x.change(func(_ *estate.Bucket, side *world.Side) error {
		if _, ok := side.Configurations[key]; !ok {
			return x.noSuchConfiguration()
		}
		setConfiguration(side, key, "")
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

// ids lists the ids of one kind in order.
func (c *listedConfiguration) ids(kept map[string]string) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		if id, ok := strings.CutPrefix(key, c.key("")); ok {
			list = append(list, id)
		}
	}
	return list
}

func (c *listedConfiguration) listAll(x *exchange) error {
	token := x.query.Get("continuation-token")
	after, err := decodeToken(token)
	if err != nil {
		return err
	}
	kept := x.s.World.Side(x.bucketName).Configurations
	ids := c.ids(kept)
	from := 0
	if token != "" {
		from, _ = slices.BinarySearch(ids, after+"\x00")
	}
	page := ids[from:min(len(ids), from+configurationPage)]
	answer := document.New(c.list)
	if token != "" {
		answer.Add("ContinuationToken", token)
	}
	for _, id := range page {
		d, err := c.schema.Parse([]byte(kept[c.key(id)]))
		if err != nil {
			return err
		}
		answer.Children = append(answer.Children, d)
	}
	if more := from+len(page) < len(ids); more {
		answer.Add("IsTruncated", "true")
		answer.Add("NextContinuationToken", encodeToken(page[len(page)-1]))
	} else {
		answer.Add("IsTruncated", "false")
	}
	return x.document(answer)
}
