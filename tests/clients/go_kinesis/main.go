// SPDX-License-Identifier: Apache-2.0

// A full round of a stream by the AWS SDK for Go: create, put, split, merge, scale, read through the lineage, delete.
// Prints what was read as JSON, an object of lists by partition key, for test_go.py to judge.
//
//	go_kinesis ENDPOINT STREAM
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"os"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const keys = 20

// round is one client and one stream. Whatever fails ends the program: see must.
type round struct {
	ctx    context.Context
	client *kinesis.Client
	stream *string
	puts   int
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func newClient(endpoint string) *kinesis.Client {
	credentials := func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	}
	return kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		Credentials:  aws.CredentialsProviderFunc(credentials),
		Retryer:      aws.NopRetryer{}, // a failure is one, not something to hide
	})
}

func (r *round) create() {
	input := &kinesis.CreateStreamInput{StreamName: r.stream, ShardCount: aws.Int32(2)}
	must(r.client.CreateStream(r.ctx, input))
	_, err := r.client.CreateStream(r.ctx, input)
	var taken *types.ResourceInUseException
	if !errors.As(err, &taken) {
		log.Fatalf("a name that is taken: %v", err)
	}
	r.settle()
}

// settle waits until the stream is ACTIVE.
func (r *round) settle() {
	waiter := kinesis.NewStreamExistsWaiter(r.client, func(o *kinesis.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 20*time.Millisecond, 100*time.Millisecond
	})
	if err := waiter.Wait(r.ctx, &kinesis.DescribeStreamInput{StreamName: r.stream}, time.Minute); err != nil {
		log.Fatal(err)
	}
}

// put writes one record for each key: the first alone, the others together.
func (r *round) put() {
	entries := make([]types.PutRecordsRequestEntry, keys)
	for i := range entries {
		key := fmt.Sprintf("key-%d", i)
		entries[i] = types.PutRecordsRequestEntry{PartitionKey: &key, Data: []byte(fmt.Sprintf("%s %d", key, r.puts))}
	}
	r.puts++
	must(r.client.PutRecord(r.ctx, &kinesis.PutRecordInput{
		StreamName: r.stream, PartitionKey: entries[0].PartitionKey, Data: entries[0].Data}))
	answer := must(r.client.PutRecords(r.ctx, &kinesis.PutRecordsInput{StreamName: r.stream, Records: entries[1:]}))
	if *answer.FailedRecordCount != 0 {
		log.Fatalf("%d records failed", *answer.FailedRecordCount)
	}
}

func (r *round) shards(filter types.ShardFilterType) []types.Shard {
	answer := must(r.client.ListShards(r.ctx, &kinesis.ListShardsInput{
		StreamName: r.stream, ShardFilter: &types.ShardFilter{Type: filter}}))
	sort.Slice(answer.Shards, func(i, j int) bool {
		return number(answer.Shards[i].HashKeyRange.StartingHashKey).Cmp(
			number(answer.Shards[j].HashKeyRange.StartingHashKey)) < 0
	})
	return answer.Shards
}

func number(text *string) *big.Int {
	value, ok := new(big.Int).SetString(*text, 10)
	if !ok {
		log.Fatalf("%s is no number", *text)
	}
	return value
}

func (r *round) split() {
	first := r.shards(types.ShardFilterTypeAtLatest)[0]
	middle := new(big.Int).Add(number(first.HashKeyRange.StartingHashKey), number(first.HashKeyRange.EndingHashKey))
	middle.Rsh(middle, 1)
	must(r.client.SplitShard(r.ctx, &kinesis.SplitShardInput{
		StreamName: r.stream, ShardToSplit: first.ShardId, NewStartingHashKey: aws.String(middle.String())}))
	r.settle()
}

func (r *round) merge() {
	open := r.shards(types.ShardFilterTypeAtLatest)
	must(r.client.MergeShards(r.ctx, &kinesis.MergeShardsInput{
		StreamName: r.stream, ShardToMerge: open[1].ShardId, AdjacentShardToMerge: open[2].ShardId}))
	r.settle()
}

func (r *round) scale(shards int32) {
	must(r.client.UpdateShardCount(r.ctx, &kinesis.UpdateShardCountInput{
		StreamName: r.stream, TargetShardCount: &shards, ScalingType: types.ScalingTypeUniformScaling}))
	r.settle()
}

// read follows the lineage: a child once all its parents have ended.
func (r *round) read() map[string][]string {
	records, done, parents := map[string][]string{}, map[string]bool{}, map[string][]string{}
	for _, shard := range r.shards(types.ShardFilterTypeAtTrimHorizon) {
		parents[*shard.ShardId] = nil
	}
	for len(parents) > 0 {
		shard := ready(parents, done)
		delete(parents, shard)
		for _, child := range r.drain(shard, records) {
			parents[*child.ShardId] = child.ParentShards
		}
		done[shard] = true
	}
	return records
}

func ready(parents map[string][]string, done map[string]bool) string {
	for shard, all := range parents {
		isReady := true
		for _, parent := range all {
			isReady = isReady && done[parent]
		}
		if isReady {
			return shard
		}
	}
	log.Fatalf("of %v none may be read", parents)
	return ""
}

// drain reads a shard to its end, or to the tip if it is open.
func (r *round) drain(shard string, records map[string][]string) []types.ChildShard {
	iterator := must(r.client.GetShardIterator(r.ctx, &kinesis.GetShardIteratorInput{
		StreamName: r.stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})).ShardIterator
	for {
		answer := must(r.client.GetRecords(r.ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(7)}))
		for _, record := range answer.Records {
			records[*record.PartitionKey] = append(records[*record.PartitionKey], string(record.Data))
		}
		iterator = answer.NextShardIterator
		if iterator == nil {
			return answer.ChildShards
		}
		if *answer.MillisBehindLatest == 0 {
			return nil
		}
	}
}

func (r *round) remove() {
	must(r.client.DeleteStream(r.ctx, &kinesis.DeleteStreamInput{StreamName: r.stream}))
	waiter := kinesis.NewStreamNotExistsWaiter(r.client, func(o *kinesis.StreamNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 20*time.Millisecond, 100*time.Millisecond
	})
	if err := waiter.Wait(r.ctx, &kinesis.DescribeStreamInput{StreamName: r.stream}, time.Minute); err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go_kinesis ENDPOINT STREAM")
	}
	r := &round{ctx: context.Background(), client: newClient(os.Args[1]), stream: &os.Args[2]}
	r.create()
	r.put()
	for _, reshard := range []func(){r.split, r.merge, func() { r.scale(3) }, func() { r.scale(6) }} {
		reshard()
		r.put()
	}
	read := r.read()
	r.remove()
	if err := json.NewEncoder(os.Stdout).Encode(read); err != nil {
		log.Fatal(err)
	}
}
