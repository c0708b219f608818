package awsapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/why403/why403/internal/server/sdktest"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// clients are the SDK's own, which are the other side of the protocols.
func clients(c aws.Config) map[string]any {
	return map[string]any{
		"iam": iam.NewFromConfig(c), "sts": sts.NewFromConfig(c), "kms": kms.NewFromConfig(c),
		"organizations": organizations.NewFromConfig(c), "cloudtrail": cloudtrail.NewFromConfig(c), "ec2": ec2.NewFromConfig(c),
	}
}

// TestRoundTrip has the SDK call every operation of every model with an input that
// is filled in all members, and get an answer that is: what arrives is what was
// sent, both ways.
func TestRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, client := range clients(aws.Config{}) {
		g := newRig(t, name)
		client = clients(g.config())[name]
		n := 0
		for opName := range g.s.model.operations {
			method := reflect.ValueOf(client).MethodByName(opName)
			if !method.IsValid() {
				t.Errorf("%s: the SDK has no operation %s", name, opName)
				continue
			}
			in, out := method.Type().In(1).Elem(), method.Type().Out(0).Elem()
			if err := g.s.model.fits(Operation{name: opName, in: in, out: out}); err != nil {
				t.Errorf("%s %s: %v", name, opName, err)
				continue
			}
			for range 3 {
				g.roundTrip(t, random, opName, method, in, out)
			}
			n++
		}
		if n < 10 {
			t.Errorf("%s: tried %d operations", name, n)
		}
	}
}

// A rig is a service whose operations remember what they got, and answer what
// they are told.
type rig struct {
	s      *Service
	url    string
	got    any
	answer any
	fail   error
}

func newRig(t *testing.T, service string) *rig {
	t.Helper()
	m, err := loadModel(service)
	if err != nil {
		t.Fatal(err)
	}
	g := &rig{s: &Service{model: m, operations: map[string]Operation{}}}
	h := httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(h.Close)
	g.url = h.URL
	return g
}

// serve does what Service.Serve does behind authentication.
func (g *rig) serve(w http.ResponseWriter, r *http.Request) {
	c := &Call{s: g.s, r: r, IDs: wire.NewIDs()}
	body, form, err := c.read()
	if err == nil {
		var op Operation
		if op, err = c.find(form); err == nil {
			in := reflect.New(op.in)
			if err = c.parse(body, form, in); err == nil {
				g.got, err = in.Interface(), g.fail
			}
		}
	}
	if err != nil {
		c.fail(w, err)
		return
	}
	c.answer(w, g.answer)
}

func (g *rig) config() aws.Config {
	return sdktest.Config(g.url, sigv4.Credential{AccessKeyID: "AKIA", Secret: "secret"})
}

func (g *rig) roundTrip(t *testing.T, random *rand.Rand, name string, method reflect.Value, in, out reflect.Type) {
	t.Helper()
	f := filler{random, g.s.model.protocol}
	o := g.s.model.operations[name]
	sent, answer := reflect.New(in), reflect.New(out)
	f.structure(o.input, sent.Elem(), 0)
	f.structure(o.output, answer.Elem(), 0)
	g.s.operations[name] = Operation{name: name, in: in, out: out}
	g.answer, g.got = answer.Interface(), nil
	res := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), sent})
	if err, _ := res[1].Interface().(error); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	compare := cmp.Options{cmpopts.EquateEmpty(), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ResultMetadata" }, cmp.Ignore()), cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateApproxTime(time.Millisecond)}
	if d := cmp.Diff(sent.Interface(), g.got, compare); d != "" {
		t.Errorf("%s: input as sent (-) and as it arrived (+):\n%s", name, d)
	}
	if d := cmp.Diff(answer.Interface(), res[0].Interface(), compare); d != "" {
		t.Errorf("%s: output as answered (-) and as it arrived (+):\n%s", name, d)
	}
}

// A filler fills structures with values that any protocol can carry.
type filler struct {
	*rand.Rand
	protocol protocol
}

func (f filler) structure(s *shape, v reflect.Value, depth int) {
	if s == nil {
		return
	}
	for _, m := range s.members {
		if depth < 6 || m.required && m.shape.kind != list {
			f.value(m.shape, field(v, m), depth+1)
		}
	}
}

func (f filler) value(s *shape, v reflect.Value, depth int) {
	switch s.kind {
	case structure:
		f.structure(s, target(v), depth)
	case list:
		if depth > 6 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.value(s.elem, v.Index(i), depth+1)
		}
	case mapping:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			value := reflect.New(v.Type().Elem()).Elem()
			f.value(s.elem, value, depth+1)
			v.SetMapIndex(reflect.ValueOf(f.text()).Convert(v.Type().Key()), value)
		}
	default:
		f.scalar(s, target(v))
	}
}

func (f filler) text() string { return fmt.Sprintf("a <&>\"'é+%%/=%d", f.IntN(1e9)) }

func (f filler) scalar(s *shape, v reflect.Value) {
	switch s.kind {
	case text:
		v.SetString(f.text())
	case blob:
		v.SetBytes([]byte(strings.Repeat(f.text(), 2)))
	case boolean:
		v.SetBool(true)
	case integer, long:
		v.SetInt(1 + f.Int64N(1e9))
	case float, double:
		v.SetFloat(float64(f.IntN(1000)) / 8)
	case timestamp:
		v.Set(reflect.ValueOf(time.Unix(1.7e9+f.Int64N(1e6), 0).UTC()))
	}
}
