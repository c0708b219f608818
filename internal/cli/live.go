package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
	"github.com/why403/why403/request"
)

// openLive finds out who is asking, on live AWS.
func openLive(ctx context.Context, s *System, o live.Options) (*live.Session, error) {
	session, err := live.Open(ctx, o)
	if err != nil {
		var unknown *live.CredentialsError
		if errors.As(err, &unknown) {
			return nil, usagef("name an estate file with -e FILE, whose format why403 schema prints, or configure credentials of AWS", "no estate is given (-e), and live AWS tells no identity: %s", live.Plain(unknown.Err))
		}
		return nil, err
	}
	fmt.Fprintf(s.Stderr, "why403: live account %s, as %s, in %s\n", session.Account, render.Clean(session.ARN), session.Region)
	return session, nil
}

// collectFor reads just what some requests need.
func collectFor(ctx context.Context, s *System, session *live.Session, requests []*request.Request) (*estate.Estate, error) {
	scope := live.Scope{Buckets: []string{}}
	add := func(bucket, key, version string) {
		if bucket == "" {
			return
		}
		scope.Buckets = append(scope.Buckets, bucket)
		if key != "" && !strings.HasSuffix(key, "/") {
			scope.Objects = append(scope.Objects, live.Object{Bucket: bucket, Key: key, VersionID: version})
		}
	}
	for _, r := range requests {
		add(r.Bucket, r.Key, r.VersionID)
		if bucket, key, ok := strings.Cut(strings.TrimPrefix(r.CopySource, "/"), "/"); ok {
			key, version, _ := strings.Cut(key, "?versionId=")
			add(bucket, key, version)
		}
		if r.Body != nil {
			for _, o := range r.Body.Objects {
				add(r.Bucket, o.Key, o.VersionID)
			}
		}
		if key, ok := r.Header("x-amz-server-side-encryption-aws-kms-key-id"); ok && key != "" {
			scope.Keys = append(scope.Keys, key)
		}
		if r.AccessPoint != "" {
			scope.AccessPoints = append(scope.AccessPoints, r.AccessPoint)
		}
		if arn, ok := iam.ParseARN(r.Resource); ok && arn.Service == "s3" && arn.Account == "" {
			bucket, key, _ := strings.Cut(arn.Resource, "/")
			add(bucket, key, "")
		}
	}
	line := newStatusLine(s)
	defer line.end()
	return session.Collect(ctx, scope, line.now)
}
