package detect

import (
	"context"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// Mount declares the route.
func (s *Service) Mount(api *rest.API) {
	rest.Post(api, "/recycled-sims/detect", access.SIMDetect, s.start, rest.Accepted(),
		rest.Doc("Find stale linkages", "Judges every linkage about which something new is known; with full=true, all of them again. With wait, the result is in the answer when the scan is quick."))
}

type started struct {
	JobID  string `json:"job_id" doc:"Follow it at /jobs/{id}"`
	Result any    `json:"result,omitempty" doc:"What came of it, when it ended within wait"`
}

// longestWait is how long one request may wait for a scan.
const longestWait = time.Minute

func (s *Service) start(ctx context.Context, in *struct {
	Full bool   `query:"full" doc:"Judge all linkages again"`
	Wait string `query:"wait" maxLength:"10" doc:"Wait this long for the result, such as 30s; at most 60s"`
}) (*started, error) {
	var wait time.Duration
	if in.Wait != "" {
		var err error
		if wait, err = time.ParseDuration(in.Wait); err != nil || wait < 0 || wait > longestWait {
			return nil, fault.Wrong("wait", "DURATION", "The wait is not a time up to a minute; write it as 30s.")
		}
	}
	j, err := s.Start(ctx, access.From(ctx), in.Full)
	if err != nil {
		return nil, err
	}
	out := &started{JobID: j.ID}
	if wait > 0 {
		if j, err = s.Jobs.Wait(ctx, j.ID, wait); err != nil {
			return nil, err
		}
		if j.State == jobs.Succeeded {
			out.Result = j.Result
		}
	}
	return out, nil
}
