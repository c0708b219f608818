package audit

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

// Flush delivers what is queued.
func (a *Recorder) Flush(ctx context.Context) {
	a.mu.Lock()
	records, lines, lost := a.records, a.lines, a.lost
	a.records, a.lines, a.queued, a.lost = map[trailKey][]*Record{}, map[string][]byte{}, 0, 0
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	a.mu.Unlock()
	if lost > 0 {
		a.Failed(fmt.Errorf("%d records of calls did not fit the queue and are lost", lost))
	}
	s := a.World.State()
	for key, list := range records {
		err := a.deliverTrail(ctx, s, key, list)
		a.note(key, err)
		if err != nil {
			a.Failed(fmt.Errorf("trail %s of account %s: %w", key.trail, key.account, err))
		}
	}
	for _, bucket := range slices.Sorted(maps.Keys(lines)) {
		if err := a.deliverLog(ctx, s, bucket, lines[bucket]); err != nil {
			a.Failed(fmt.Errorf("access log of bucket %s: %w", bucket, err))
		}
	}
}

// deliverTrail writes one file of a trail.
func (a *Recorder) deliverTrail(ctx context.Context, s *world.State, key trailKey, list []*Record) error {
	t, ok := Trails.Get(s, key.account, key.trail)
	if !ok {
		return nil // deleted meanwhile
	}
	var file bytes.Buffer
	zip := gzip.NewWriter(&file)
	if err := json.NewEncoder(zip).Encode(map[string]any{"Records": list}); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	now := a.World.Now()
	name := fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/%s/%[1]s_CloudTrail_%[2]s_%[4]s_%[5]s.json.gz", key.account, key.region,
		now.Format("2006/01/02"), now.Format("20060102T1504Z"), world.NewName("", 16))
	if t.Prefix != "" {
		name = t.Prefix + "/" + name
	}
	return a.put(ctx, s, t.delivery(key.account, name), file.Bytes())
}

func (t *Trail) delivery(account iam.AccountID, key string) delivery {
	arn := "arn:aws:cloudtrail:" + t.Region + ":" + string(account) + ":trail/" + t.Name
	return delivery{service: "cloudtrail.amazonaws.com", source: arn, account: account, bucket: t.Bucket, key: key,
		contentType: "application/json", encoding: "gzip", acl: "bucket-owner-full-control"}
}

// MayDeliver tells why a trail cannot deliver into its bucket, nil where it can.
func (a *Recorder) MayDeliver(account iam.AccountID, t *Trail) error {
	b, ok := a.World.Estate().Bucket(t.Bucket)
	if !ok {
		return errors.New("there is no bucket " + t.Bucket)
	}
	key := "AWSLogs/" + string(account) + "/CloudTrail/x"
	if t.Prefix != "" {
		key = t.Prefix + "/" + key
	}
	return a.may(a.World.Estate(), b, t.delivery(account, key))
}

// A Delivery is what came of the latest one of a trail.
type Delivery struct {
	At    time.Time
	Error string // "" for success
}

func (a *Recorder) note(key trailKey, err error) {
	d := Delivery{At: a.World.Now()}
	if err != nil {
		d.Error, _, _ = strings.Cut(err.Error(), ":")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.delivered[trailKey{key.account, key.trail, ""}] = d
}

// Delivered returns the latest delivery of a trail.
func (a *Recorder) Delivered(account iam.AccountID, trail string) (Delivery, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d, ok := a.delivered[trailKey{account, trail, ""}]
	return d, ok
}

// A delivery is an object that a service of AWS writes.
type delivery struct {
	service, source string
	account         iam.AccountID // in whose name
	bucket, key     string
	contentType     string
	encoding, acl   string
}

// put writes an object as a service, if the bucket lets the service in.
func (a *Recorder) put(ctx context.Context, s *world.State, d delivery, data []byte) error {
	b, ok := s.Estate().Bucket(d.bucket)
	if !ok {
		return errors.New("NoSuchBucket: there is no bucket " + d.bucket)
	}
	if err := a.may(s.Estate(), b, d); err != nil {
		return err
	}
	meta := store.ObjectMeta{Bucket: d.bucket, Key: d.key, Attributes: store.Attributes{Owner: string(b.Account), Header: map[string]string{"content-type": d.contentType}}}
	if d.encoding != "" {
		meta.Header["content-encoding"] = d.encoding
	}
	_, err := a.World.Store().Put(ctx, meta, bytes.NewReader(data))
	return err
}

// may asks the engine whether a service may write to a bucket.
func (a *Recorder) may(e *estate.Estate, b *estate.Bucket, d delivery) error {
	now := a.World.Now()
	r := &request.Request{Principal: d.service, Operation: "PutObject", Bucket: d.bucket, Key: d.key, Unstated: "absent", Time: &now,
		Headers: map[string]string{}, Context: map[string]request.ContextValue{
			"aws:SourceArn": {Value: condition.String1(d.source)}, "aws:SourceAccount": {Value: condition.String1(string(d.account))}}}
	if d.acl != "" {
		r.Headers["x-amz-acl"] = d.acl
	}
	decision := a.Decide(e, r)
	if decision.Verdict == iam.Allowed {
		return nil
	}
	why := "AccessDenied: " + d.service + " may not put " + d.key + " into bucket " + b.Name
	if decision.Cause != nil {
		why += ": " + decision.Cause.Summary
	}
	return errors.New(why)
}
