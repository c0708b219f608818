package doctor

import (
	"bufio"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/source/live"
)

// A file is a shared configuration file, with the lines of what it holds.
type file struct {
	path     string
	sections map[string]*section
}

type section struct {
	place  string
	values map[string]value
}

type value struct{ text, place string }

// files reads the two shared files (AWS SDKs and Tools Reference Guide, Shared
// config and credentials files). One that does not exist is empty.
func (e *examination) files() {
	credentials, config := live.Files(e.getenv)
	e.credentials, e.config = readShared(credentials), readShared(config)
	for _, variable := range []string{"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"} {
		path := e.getenv(variable)
		if path == "" {
			continue
		}
		if why := readable(path); why != "" {
			e.problem("", "%s names %s: %s", variable, path, why)
		}
	}
}

func readShared(path string) *file {
	f := &file{path: path, sections: map[string]*section{}}
	in, err := os.Open(path)
	if err != nil {
		return f
	}
	defer in.Close()
	var at *section
	above := ""
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		place := path + ":" + strconv.Itoa(n)
		trimmed := strings.TrimSpace(line)
		name, isSection := strings.CutPrefix(trimmed, "[")
		key, text, isValue := strings.Cut(line, "=")
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case isSection:
			name, _, _ = strings.Cut(name, "]")
			name = strings.Join(strings.Fields(name), " ")
			if at = f.sections[name]; at == nil {
				at = &section{place: place, values: map[string]value{}}
				f.sections[name] = at
			}
		case at != nil && isValue && line[0] != ' ' && line[0] != '\t':
			above = strings.ToLower(strings.TrimSpace(key))
			at.values[above] = value{strings.TrimSpace(text), place}
		case at != nil && isValue && above != "" && at.values[above].text == "": // set in: a setting of the one above
			at.values[above+"."+strings.ToLower(strings.TrimSpace(key))] = value{strings.TrimSpace(text), place}
		}
	}
	return f
}

// names are the profiles of both files.
func (e *examination) names() []string {
	out := map[string]bool{}
	for name := range e.credentials.sections {
		out[name] = true
	}
	for name := range e.config.sections {
		if profile, ok := strings.CutPrefix(name, "profile "); ok || name == "default" {
			out[profile] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// of are the two sections of a profile; nil where a file has none. In the config
// file all but the default one are written [profile NAME].
func (e *examination) of(profile string) (credentials, config *section) {
	credentials = e.credentials.sections[profile]
	if config = e.config.sections["profile "+profile]; config == nil && profile == "default" {
		config = e.config.sections["default"]
	}
	return credentials, config
}

// setting is a setting of a profile.
func (e *examination) setting(profile, name string) (value, bool) {
	credentials, config := e.of(profile)
	for _, s := range []*section{credentials, config} {
		if s != nil {
			if v, ok := s.values[name]; ok {
				return v, true
			}
		}
	}
	return value{}, false
}
