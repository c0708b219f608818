package s3

import (
	"bytes"
	"context"
	"io"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/envelope"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

// Deliver puts an object for a service of AWS, which delivers logs: that it may was decided. The object is the bucket
// owner's, and has the encryption and the retention that the bucket gives by default. header holds system metadata under
// lower-case names. Errors: those of store.Objects.Put.
func (s *Service) Deliver(ctx context.Context, bucket, key string, header map[string]string, body []byte) (store.Object, error) {
	now := s.World.Estate()
	b, ok := now.Bucket(bucket)
	if !ok {
		return store.Object{}, store.ErrNoSuchBucket
	}
	a := store.Attributes{Owner: string(b.Account), Header: header, Lock: s.defaultLock(b)}
	e := defaultEncryption(now, b)
	world.SetEncryption(&a, e)
	sums := checksums{algorithm: algorithmOf("CRC64NVME")}
	sums.hash = sums.algorithm.make()
	sealing := envelope.For(s.World.Vault(), bucket, key, e, nil).Seal(io.TeeReader(bytes.NewReader(body), sums.hash), 0, false)
	return s.World.Store().Put(ctx, store.ObjectMeta{Bucket: bucket, Key: key, Attributes: a, Opaque: true, Seal: func(o *store.Object) error {
		o.ETag, o.Size = sealing.ETag(), sealing.Size()
		o.Checksums, o.ChecksumType = map[string]string{sums.algorithm.name: sums.value()}, fullObject
		return nil
	}}, sealing)
}

// defaultEncryption is that of a bucket's objects where nobody asks for another. DSSE-KMS has no bucket keys.
func defaultEncryption(in *estate.Estate, b *estate.Bucket) *estate.Encryption {
	def := b.DefaultEncryption()
	e := &estate.Encryption{Algorithm: def.Algorithm, BucketKey: def.BucketKey && def.Algorithm == "aws:kms"}
	if isKMS(e.Algorithm) {
		e.Key = in.ResolveKey(def.Key, b.Account, b.RegionOrDefault()).ARN
	}
	return e
}
