package live

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go/logging"
	"gopkg.in/ini.v1"

	"github.com/why403/why403/internal/sigv4"
)

// A KeyRing finds the secrets of access keys in the places where the AWS SDKs
// look for credentials: the environment, the shared files with all profiles, the
// caches of the AWS CLI, and what the default chain of providers gives. It keeps
// what it finds in memory alone.
type KeyRing struct {
	Getenv func(string) string // of the program's environment

	mu       sync.Mutex
	known    map[string]sigv4.Credential
	profiles map[string][]string // that hold a key in the shared files

	chain sync.Mutex // held while the chain is asked
	asked time.Time  // when it was last
}

const (
	// chainTimeout bounds how long the default chain is waited for. It is asked when a
	// program has signed with a key that is found nowhere else.
	chainTimeout = 10 * time.Second

	// metadataTimeout bounds how long an instance's metadata service is waited for,
	// which answers with silence where there is none.
	metadataTimeout = time.Second

	// chainPause is how long the chain is not asked again, as a key that is not known
	// is nothing that the program need have sent.
	chainPause = 5 * time.Second
)

// Credential implements [sigv4.Keys].
func (k *KeyRing) Credential(id string) (sigv4.Credential, bool) {
	if c, ok := k.look(id, false); ok {
		return c, true
	}
	if c, ok := k.look(id, true); ok { // the AWS CLI may have written it meanwhile
		return c, true
	}
	k.chain.Lock()
	defer k.chain.Unlock()
	if time.Since(k.asked) > chainPause {
		k.fromChain(context.Background())
		k.asked = time.Now()
	}
	return k.look(id, false)
}

// look looks a key up in memory, and first again in the caches.
func (k *KeyRing) look(id string, again bool) (sigv4.Credential, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known, k.profiles = map[string]sigv4.Credential{}, map[string][]string{}
		k.fromEnvironment()
		k.fromFiles()
	}
	if again {
		k.fromCaches()
	}
	c, ok := k.known[id]
	return c, ok
}

// Settings are those of the profile that holds a key, where s are those of another one;
// else s.
func (k *KeyRing) Settings(id string, s *Settings) *Settings {
	k.look(id, false)
	k.mu.Lock()
	defer k.mu.Unlock()
	holders := k.profiles[id]
	if len(holders) == 0 || id == k.Getenv("AWS_ACCESS_KEY_ID") || slices.Contains(holders, s.profile) {
		return s
	}
	return ReadSettings(k.Getenv, holders[0])
}

// Learn adds a key that passed by.
func (k *KeyRing) Learn(c sigv4.Credential) {
	k.look("", false) // what is to be replaced is there first
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[c.AccessKeyID] = c
}

func (k *KeyRing) fromChain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}), config.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) {
		o.Client = imds.New(imds.Options{Retryer: aws.NopRetryer{}, HTTPClient: awshttp.NewBuildableClient().WithTimeout(metadataTimeout)})
	}))
	if err != nil || cfg.Credentials == nil {
		return
	}
	c, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.add(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

func (k *KeyRing) add(id, secret, token string) {
	if id != "" && secret != "" {
		k.known[id] = sigv4.Credential{AccessKeyID: id, Secret: secret, SessionToken: token}
	}
}

func (k *KeyRing) fromEnvironment() {
	k.add(k.Getenv("AWS_ACCESS_KEY_ID"), k.Getenv("AWS_SECRET_ACCESS_KEY"), k.Getenv("AWS_SESSION_TOKEN"))
}

// Files returns the shared credentials file and the shared config file: "Shared
// config and credentials files" of the AWS SDKs and Tools Reference Guide.
func Files(getenv func(string) string) (credentials, configuration string) {
	credentials, configuration = getenv("AWS_SHARED_CREDENTIALS_FILE"), getenv("AWS_CONFIG_FILE")
	if credentials == "" {
		credentials = filepath.Join(home(getenv), ".aws", "credentials")
	}
	if configuration == "" {
		configuration = filepath.Join(home(getenv), ".aws", "config")
	}
	return credentials, configuration
}

func home(getenv func(string) string) string {
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if dir := getenv(name); dir != "" {
			return dir
		}
	}
	dir, _ := os.UserHomeDir() // "" where there is none
	return dir
}

// fromFiles takes the keys of every profile.
func (k *KeyRing) fromFiles() {
	credentials, configuration := Files(k.Getenv)
	for _, file := range []string{configuration, credentials} {
		f, err := loadINI(file)
		if err != nil {
			continue // an SDK complains of it better
		}
		for _, s := range f.Sections() {
			id := s.Key("aws_access_key_id").String()
			k.add(id, s.Key("aws_secret_access_key").String(), s.Key("aws_session_token").String())
			k.profiles[id] = append(k.profiles[id], strings.TrimPrefix(s.Name(), "profile "))
		}
	}
}

func loadINI(file string) (*ini.File, error) {
	return ini.LoadSources(ini.LoadOptions{AllowNestedValues: true, IgnoreInlineComment: true, SkipUnrecognizableLines: true}, file)
}

// fromCaches takes the sessions that the AWS CLI and boto3 keep.
func (k *KeyRing) fromCaches() {
	for _, dir := range []string{"cli", "boto", "login"} {
		files, _ := filepath.Glob(filepath.Join(home(k.Getenv), ".aws", dir, "cache", "*.json")) // the pattern is right
		for _, file := range files {
			k.fromCache(file)
		}
	}
}

func (k *KeyRing) fromCache(file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	type keys struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	var cached struct {
		Credentials keys
		AccessToken keys
	}
	if json.Unmarshal(data, &cached) != nil {
		return
	}
	for _, c := range []keys{cached.Credentials, cached.AccessToken} {
		k.add(c.AccessKeyId, c.SecretAccessKey, c.SessionToken)
	}
}
