package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// makeBucket makes the bucket, unless it is there.
func (b *bench) makeBucket() error {
	c, err := dial(context.Background(), b.url)
	if err != nil {
		return err
	}
	defer c.close()
	body := ""
	if b.region != "us-east-1" {
		body = "<CreateBucketConfiguration><LocationConstraint>" + b.region + "</LocationConstraint></CreateBucketConfiguration>"
	}
	r, err := b.sign(http.MethodPut, "", "", []byte(body))
	if err != nil {
		return err
	}
	err = c.do(r)
	if err != nil && !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
		return fmt.Errorf("make bucket %s: %w", b.bucket, err)
	}
	return nil
}

// remove deletes the objects of all phases that ran.
func (b *bench) remove(ctx context.Context) error {
	c, err := dial(ctx, b.url)
	if err != nil {
		return err
	}
	defer c.close()
	for size, n := range map[int]int{small: max(b.keys, pageSize), large: b.large} {
		for i := range n {
			r, err := b.sign(http.MethodDelete, objectKey(size, i), "", nil)
			if err != nil {
				return err
			}
			if err := c.do(r); err != nil && !strings.HasPrefix(err.Error(), "status 204") {
				return fmt.Errorf("delete %s: %w", objectKey(size, i), err)
			}
		}
	}
	return nil
}
