package sqlite

import "strings"

// Asked is a list of numbers, at most 500 for a statement that is prepared once, as the
// table asked(n) of a query, and its parameters. It has one of few sizes, so that there
// are few statements; zeros fill it up.
func Asked(numbers []int64) (with string, args []any) {
	size := len(numbers)
	for _, fixed := range []int{500, 100, 64, 10, 1} {
		if len(numbers) <= fixed {
			size = fixed
		}
	}
	args = make([]any, size)
	for i := range args {
		args[i] = int64(0)
		if i < len(numbers) {
			args[i] = numbers[i]
		}
	}
	return `WITH asked (n) AS (VALUES ` + strings.Repeat("(?), ", size-1) + `(?)) `, args
}

// Many runs a statement that carries n rows of values, some at a time: a statement of
// its own for each row costs more than the row. The statement is head, the rows'
// placeholders with commas between them, and tail; bind appends the arguments of one
// row. It answers how many rows of the table changed.
func Many(tx *Tx, head, row, tail string, n int, bind func(args []any, i int) []any) (int64, error) {
	var changed int64
	var args []any
	for at := 0; at < n; {
		size := 1
		for _, fixed := range []int{64, 16, 4} {
			if n-at >= fixed {
				size = fixed
				break
			}
		}
		args = args[:0]
		for i := range size {
			args = bind(args, at+i)
		}
		done, err := Exec(tx, head+strings.Repeat(row+", ", size-1)+row+tail, args...)
		if err != nil {
			return changed, err
		}
		changed += done
		at += size
	}
	return changed, nil
}
