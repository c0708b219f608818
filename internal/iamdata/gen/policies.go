package main

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"strings"
)

// blockSize is how many bytes of documents are compressed together: large enough to compress well,
// small enough that reading one policy costs little.
const blockSize = 64 << 10

// fixedPartition lists what makes a document true for partition aws alone: the partitions aws-cn and aws-us-gov
// have the policy with ARNs and service names of their own, which the source does not hold.
// ARNs of other services do not matter to a decision about S3.
var fixedPartition = []string{
	"arn:aws:s3", "arn:aws:kms:", "arn:aws:iam:", "arn:aws:sts:", "amazonaws.com",
}

// policyFiles returns an index and the compressed documents. A line of the index is: name, version, when the
// policy was created and updated, "all" or "aws" partitions, start and end of the block, start and end of the document in the opened block.
func policyFiles(in policiesInput) (index, blocks []byte, err error) {
	text := bytes.NewBufferString(textHeader)
	var bin, block bytes.Buffer
	var pending []string
	flush := func() error {
		start := bin.Len()
		if err := deflate(&bin, block.Bytes()); err != nil {
			return err
		}
		for _, line := range pending {
			fmt.Fprintf(text, line, start, bin.Len())
		}
		pending, block = nil, bytes.Buffer{}
		return nil
	}
	for _, p := range in.Policies {
		if strings.ContainsAny(p.Name, " %") {
			return nil, nil, fmt.Errorf("policy name %q", p.Name)
		}
		start := block.Len()
		if err := json.Compact(&block, p.Document); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		pending = append(pending, fmt.Sprintf("%s %s %s %s %s %%d %%d %d %d\n",
			p.Name, p.Version, p.Created, p.Updated, partitions(block.Bytes()[start:]), start, block.Len()))
		if block.Len() >= blockSize {
			if err := flush(); err != nil {
				return nil, nil, err
			}
		}
	}
	err = flush()
	return text.Bytes(), bin.Bytes(), err
}

// partitions is "aws" for a document that is true of that partition alone, "all" for one that is true of all three.
func partitions(document []byte) string {
	for _, s := range fixedPartition {
		if bytes.Contains(document, []byte(s)) {
			return "aws"
		}
	}
	return "all"
}

func deflate(to *bytes.Buffer, data []byte) error {
	w, err := flate.NewWriter(to, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}
