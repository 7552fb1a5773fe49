package intake

import (
	"context"
	"io"
	"sync"

	"reconexus/app/kit/sheet"
)

// Batches are the blocks of a file as workers parsed them, in the file's order.
type Batches[B any] struct {
	pending chan chan parsed[B]
	stop    context.CancelFunc
	done    sync.WaitGroup
}

type parsed[B any] struct {
	batch B
	err   error
}

// Read lets each worker parse blocks of the file; a worker is called by one goroutine
// only. Two blocks a worker are read ahead. Close the batches in any case.
func Read[B any](ctx context.Context, file *sheet.File, workers ...func(*sheet.Block) B) *Batches[B] {
	ctx, stop := context.WithCancel(ctx)
	b := &Batches[B]{pending: make(chan chan parsed[B], len(workers)), stop: stop}
	type task struct {
		block *sheet.Block
		reply chan parsed[B]
	}
	tasks := make(chan task, len(workers))
	b.done.Go(func() {
		defer close(b.pending)
		defer close(tasks)
		for {
			block, err := file.Next()
			reply := make(chan parsed[B], 1)
			if err != nil {
				if err != io.EOF {
					reply <- parsed[B]{err: err}
					send(ctx, b.pending, reply)
				}
				return
			}
			if !send(ctx, b.pending, reply) || !send(ctx, tasks, task{block, reply}) {
				return
			}
		}
	})
	for _, parse := range workers {
		b.done.Go(func() {
			for t := range tasks {
				t.reply <- parsed[B]{batch: parse(t.block)}
				t.block.Release()
			}
		})
	}
	return b
}

func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// Next is the next batch; false at the end of the file.
func (b *Batches[B]) Next(ctx context.Context) (batch B, more bool, err error) {
	var reply chan parsed[B]
	select {
	case reply, more = <-b.pending:
		if !more {
			return batch, false, context.Cause(ctx)
		}
	case <-ctx.Done():
		return batch, false, context.Cause(ctx)
	}
	select {
	case p := <-reply:
		return p.batch, p.err == nil, p.err
	case <-ctx.Done():
		return batch, false, context.Cause(ctx)
	}
}

// Close ends the workers and answers when they have let go of the file.
func (b *Batches[B]) Close() {
	b.stop()
	b.done.Wait()
}
