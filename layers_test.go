package why403_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/why403/why403"

// layers lists, from the leaves up, which packages of the module each package
// may import; a package not named here is an error, so that opening one is a
// decision. "…" stands for the package's own sub-packages.
var layers = []struct {
	pkg     string
	imports string
}{
	{"iam", ""},
	{"internal/node", ""},
	{"internal/splice", "internal/node"},
	{"internal/iamdata", ""},
	{"internal/iamdata/gen", ""},
	{"internal/reason", ""},
	{"internal/reason/gen", "internal/reason"},
	{"internal/sigv4", ""},
	{"internal/store", ""},
	{"internal/store/embedded", "internal/store"},
	{"internal/store/storetest", "internal/store"},
	{"internal/condition", "internal/node"},
	{"policy", "iam internal/node internal/condition internal/iamdata"},
	{"estate", "iam policy internal/node internal/iamdata"},
	{"request", "estate policy internal/node internal/condition"},
	{"report", "iam"},
	{"internal/s3op", "iam estate request internal/condition internal/iamdata internal/node"},
	{"internal/decide", "iam policy internal/condition internal/node internal/reason"},
	{"internal/gather", "iam policy estate request internal/condition internal/decide internal/iamdata internal/node internal/reason internal/s3op"},
	{"internal/explain", "iam policy estate request report internal/condition internal/decide internal/gather internal/iamdata internal/reason"},
	{"internal/estategen", ""},
	{"internal/redact", "iam estate internal/iamdata internal/node"},
	{"internal/query", "iam policy estate request report internal/condition internal/decide internal/gather internal/iamdata internal/node internal/s3op"},
	{"internal/ingest/record", "estate policy request internal/condition internal/node internal/s3op"},
	{"internal/ingest/cloudtrail", "internal/ingest/record"},
	{"internal/ingest/accesslog", "internal/ingest/record"},
	{"internal/ingest/table", ""},
	{"internal/ingest/loggen", "estate iam request internal/decide internal/gather internal/s3op"},
	{"internal/ingest/journal", ""},
	{"internal/ingest/keypattern", ""},
	{"internal/ingest", ""},
	{"internal/replay", "estate iam policy report request internal/condition internal/decide internal/explain internal/gather internal/ingest internal/ingest/errortext internal/ingest/journal internal/ingest/keypattern internal/ingest/record internal/node internal/s3op"},
	{"internal/least", "estate iam policy request internal/ingest internal/ingest/keypattern internal/ingest/record internal/replay internal/s3op"},
	{"internal/logs", "estate iam internal/ingest internal/ingest/errortext internal/ingest/journal internal/ingest/keypattern internal/ingest/record internal/reason internal/render internal/replay"},
	{"bench/logspeed", "estate internal/ingest internal/ingest/loggen internal/ingest/record internal/logs internal/replay"},
	{"bench/loggen", "estate internal/ingest/loggen"},
	{"internal/fix", "iam policy estate request report internal/condition internal/decide internal/explain internal/gather internal/node internal/reason internal/query internal/splice"},
	{"internal/corpus", ""},
	{"internal/parity", "*"},
	{".", "iam estate request report internal/decide internal/explain internal/fix internal/gather"},
	{"internal/ingest/errortext", "iam request internal/reason internal/s3op"},
	{"internal/ingest/presigned", "request internal/reason internal/s3op internal/server/wire internal/sigv4"},
	{"internal/proxy", "internal/server/wire internal/sigv4"},
	{"internal/source/live", "*"},
	{"internal/doctor", "internal/source/live"},
	{"internal/render", "internal/ingest/errortext internal/ingest/presigned iam estate request report policy internal/reason internal/node"},
	{"internal/console", "report"},
	{"internal/server", "*"},
	{"internal/demo", "*"},
	{"internal/cli", "*"},
	{"cmd/why403", "internal/cli"},
	{"bench", "internal/sigv4"},
	{"bench/estategen", "internal/estategen"},
}

// engine is the packages that use the standard library, the two parsers of
// documents, and the calculation of MFA codes, and nothing else from outside.
var engine = []string{"iam", "policy", "estate", "request", "report", "internal/node", "internal/condition", "internal/iamdata", "internal/reason", "internal/s3op", "internal/decide", "internal/gather", "internal/explain", "internal/query"}

var engineMayUse = []string{"github.com/tailscale/hujson", "github.com/goccy/go-yaml/ast", "github.com/goccy/go-yaml/parser", "github.com/goccy/go-yaml/token", "github.com/goccy/go-yaml", "github.com/goccy/go-yaml/lexer", "github.com/pquerna/otp", "github.com/pquerna/otp/totp"}

// pure is the packages that ask nothing of the outside: no network, no files, no
// environment, and no context.Context.
var pure = []string{"iam", "internal/condition", "policy", "internal/decide", "report"}

func TestLayers(t *testing.T) {
	for pkg, imports := range packageImports(t) {
		allowed, ok := allowedImports(pkg)
		if !ok {
			t.Errorf("package %s is not in the table of layers", pkg)
			continue
		}
		for _, imp := range imports {
			inside, isOwn := strings.CutPrefix(imp, module)
			inside = strings.TrimPrefix(inside, "/")
			if isOwn && inside == "" {
				inside = "."
			}
			switch {
			case isOwn && allowed != "*" && !slices.Contains(strings.Fields(allowed), inside) && !strings.HasPrefix(inside, pkg+"/"):
				t.Errorf("%s imports %s, which its layer does not allow", pkg, inside)
			case !isOwn && strings.Contains(imp, ".") && slices.Contains(engine, pkg) && !slices.Contains(engineMayUse, imp):
				t.Errorf("%s imports %s; the engine uses the standard library and its parsers only", pkg, imp)
			case slices.Contains(pure, pkg) && slices.Contains([]string{"net/http", "net", "os", "context", "io/fs", "os/exec"}, imp):
				t.Errorf("%s imports %s, and is to ask nothing of the outside", pkg, imp)
			}
		}
	}
}

func allowedImports(pkg string) (string, bool) {
	for p := pkg; ; p = filepath.ToSlash(filepath.Dir(p)) {
		for _, l := range layers {
			if l.pkg == p && (p == pkg || l.imports == "*") {
				return l.imports, true
			}
		}
		if p == "." || p == "/" {
			return "", false
		}
	}
}

// packageImports reads the imports of all packages, without their tests.
func packageImports(t *testing.T) map[string][]string {
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		found[pkg] = append(found[pkg], []string{}...)
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			found[pkg] = append(found[pkg], name)
		}
		return nil
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("read %d packages: %v", len(found), err)
	}
	return found
}
