package demo

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/why403/why403/estate"
)

// estateFile is how the places of explanations name the built-in estate.
const estateFile = "estate.yaml"

//go:embed estate.yaml
var files embed.FS

// Estate returns the text of the estate that the scenarios run in.
func Estate() []byte {
	text, err := files.ReadFile(estateFile)
	if err != nil {
		panic(err) // it is part of the program
	}
	return text
}

// Open reads the file of a source, to quote from it; for render.Options.
func Open(name string) ([]byte, error) {
	if name != estateFile {
		return nil, fs.ErrNotExist
	}
	return Estate(), nil
}

func loadEstate() (*estate.Estate, error) { return estate.ParseFS(files, estateFile) }

// A key is a long-term access key of the estate.
type key struct{ id, secret string }

// keyOf returns the active access key of a user, named ACCOUNT/USER, or of an
// account's root user, named ACCOUNT/root.
func keyOf(e *estate.Estate, account, user string) (key, error) {
	for _, a := range e.Accounts {
		if a.Name != account {
			continue
		}
		keys := map[string]*estate.AccessKey{}
		if u := a.Users[user]; u != nil {
			keys = u.AccessKeys
		} else if user == "root" && a.Root != nil {
			keys = a.Root.AccessKeys
		}
		for id, k := range keys {
			if k.IsActive() {
				return key{id, k.Secret}, nil
			}
		}
	}
	return key{}, errors.New("the estate of the demonstration has no access key of " + account + "/" + user)
}
