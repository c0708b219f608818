package s3

import (
	"maps"
	"net/http"
	"strconv"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

// A configuration is a setting of a bucket that is one XML document: it is checked
// against its schema, kept, and given back.
type configuration struct {
	name   string // of its operations without the verb, "BucketCors"
	schema *document.Schema

	// absent is the answer to Get where there is none; nil: an empty document.
	absent *wire.Error

	// check refuses what the schema lets pass, and may complete the document. It runs
	// after the request was allowed.
	check func(*exchange, *document.Element) error

	// refuses is asked before the document is looked at.
	refuses func(*exchange) error

	// decide replaces the one decision on Put.
	decide func(*exchange) error

	// keep puts what decides requests into the bucket, of a nil document what stands
	// after Delete; show is the reverse. Without show the document itself is kept.
	keep func(*estate.Bucket, *document.Element)
	show func(*exchange) *document.Element

	// seeded is the document of a bucket of which the estate says no more than that
	// it has one; nil where it has none.
	seeded func(*exchange) *document.Element

	// body states the document to the engine, where gates look at it.
	body func(*document.Element) *request.Body

	// remember keeps what Put brings besides its document; answered tells it with the
	// answers of Get and Put.
	remember func(*exchange, *world.Side)
	answered func(*exchange)

	noDelete    bool
	needsDigest bool
}

// operations are the rows of the table of operations.
func (c *configuration) operations(table map[string]operation) {
	table["Get"+c.name] = operation{act: c.get}
	table["Put"+c.name] = operation{limit: xmlLimit, parse: c.parse, needsDigest: c.needsDigest, decide: c.decide, act: c.put}
	if !c.noDelete {
		table["Delete"+deletedName(c.name)] = operation{act: c.delete}
	}
}

// deletedName is the name that Delete has of a setting.
func deletedName(name string) string {
	if name == "BucketLifecycleConfiguration" {
		return "BucketLifecycle"
	}
	return name
}

func (c *configuration) parse(x *exchange, data []byte) error {
	x.body = &request.Body{}
	if c.refuses != nil {
		if err := c.refuses(x); err != nil {
			return err
		}
	}
	d, err := readDocument(c.schema, data)
	if err != nil {
		return err
	}
	if x.parsed = d; c.body != nil {
		x.body = c.body(d)
	}
	return nil
}

func (c *configuration) get(x *exchange) error {
	d, err := c.of(x)
	if err != nil {
		return err
	}
	if c.answered != nil {
		c.answered(x)
	}
	return x.document(d)
}

// of returns the document of the bucket, or that it has none.
func (c *configuration) of(x *exchange) (*document.Element, error) {
	d := x.configuration(c)
	switch {
	case d != nil:
		return d, nil
	case c.absent != nil:
		return nil, c.absent.With("BucketName", x.bucketName)
	}
	return document.New(c.schema.Name()), nil
}

// configuration returns the document that the bucket has of a setting, nil for
// none.
func (x *exchange) configuration(c *configuration) *document.Element {
	if c.show != nil {
		return c.show(x)
	}
	text, ok := x.s.World.Side(x.bucketName).Configurations[c.name]
	switch {
	case !ok && c.seeded != nil:
		return c.seeded(x)
	case !ok:
		return nil
	}
	d, err := c.schema.Parse([]byte(text))
	if err != nil {
		return nil // it was read before it was kept
	}
	return d
}

func (c *configuration) put(x *exchange) error {
	d := x.parsed.(*document.Element)
	if c.check != nil {
		if err := c.check(x, d); err != nil {
			return err
		}
	}
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		if c.keep != nil {
			c.keep(b, d)
		}
		if c.show == nil {
			setConfiguration(side, c.name, string(d.XML()))
		}
		if c.remember != nil {
			c.remember(x, side)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.answered != nil {
		c.answered(x)
	}
	return x.empty(http.StatusOK)
}

func (c *configuration) delete(x *exchange) error {
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		if c.keep != nil {
			c.keep(b, nil)
		}
		setConfiguration(side, c.name, "")
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

// setConfiguration puts a document, or removes it where text is "". Sides are
// shared, so their maps are copied.
func setConfiguration(side *world.Side, name, text string) {
	m := maps.Clone(side.Configurations)
	if m == nil {
		m = map[string]string{}
	}
	if text == "" {
		delete(m, name)
	} else {
		m[name] = text
	}
	side.Configurations = m
}

// document answers with a document.
func (x *exchange) document(d *document.Element) error { return x.sendXML(d.XML()) }

func (x *exchange) sendXML(body []byte) error {
	x.set("Content-Type", "application/xml")
	x.set("Content-Length", strconv.Itoa(len(body)))
	x.wrote = true
	x.w.WriteHeader(http.StatusOK)
	if _, err := x.w.Write(body); err != nil {
		return &clientGone{err}
	}
	return nil
}
