package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"reconexus/app/access"
)

type userCommand struct {
	Create  userCreate  `cmd:"" help:"Make an account."`
	List    userList    `cmd:"" help:"List accounts."`
	Disable userDisable `cmd:"" help:"Shut an account and end its sessions."`
	Reset   userReset   `cmd:"" help:"Give an account a new password and end its sessions."`
}

type userCreate struct {
	Email         string              `required:"" placeholder:"E" help:"E-mail address to sign in with."`
	Role          access.Role         `required:"" placeholder:"R" help:"admin, operator, bank, auditor or api_client."`
	Name          string              `placeholder:"N" help:"Full name."`
	Operator      string              `placeholder:"CODE" help:"The operator whose SIMs it sees."`
	Bank          string              `placeholder:"CODE" help:"The bank whose linkages it sees."`
	Grant         []access.Permission `placeholder:"PERMISSION" help:"Permissions beyond the role."`
	PasswordStdin bool                `help:"Read the password from standard input; else one is made and printed."`
}

type account struct {
	ID       string              `json:"id,omitempty"`
	Email    string              `json:"email,omitempty"`
	FullName string              `json:"full_name,omitempty"`
	Role     access.Role         `json:"role,omitempty"`
	Operator string              `json:"operator_code,omitempty"`
	Bank     string              `json:"bank_code,omitempty"`
	Grants   []access.Permission `json:"grants,omitempty"`
	Password string              `json:"password,omitempty"`
	Disabled bool                `json:"disabled,omitempty"`
}

func (c *userCreate) Run(ctx context.Context, p *Program, s *settings) error {
	in := account{Email: c.Email, FullName: c.Name, Role: c.Role, Operator: c.Operator, Bank: c.Bank, Grants: c.Grant}
	if in.FullName == "" {
		in.FullName = c.Email
	}
	if c.PasswordStdin {
		line, err := bufio.NewReader(p.Stdin).ReadString('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("read the password: %w", err)
		}
		in.Password = strings.TrimRight(line, "\r\n")
	}
	return with(ctx, p, s, func(l *local) error {
		var out account
		if err := l.call(ctx, http.MethodPost, "/users", in, &out); err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "made %s, %s (%s)\n", out.Email, out.Role, out.ID)
		if out.Password != "" {
			fmt.Fprintf(p.Stdout, "password, shown once: %s\n", out.Password)
		}
		return nil
	})
}

type userList struct {
	JSON bool `help:"As JSON."`
}

func (c *userList) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		all, err := accounts(ctx, l)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p.Stdout, all)
		}
		for _, u := range all {
			state := ""
			if u.Disabled {
				state = "  disabled"
			}
			fmt.Fprintf(p.Stdout, "%-32s  %-10s  %s%s%s\n", u.Email, u.Role, u.Operator, u.Bank, state)
		}
		return nil
	})
}

func accounts(ctx context.Context, l *local) ([]account, error) {
	var all []account
	for {
		var page struct {
			Items []account `json:"items"`
			Total int       `json:"total"`
		}
		if err := l.call(ctx, http.MethodGet, fmt.Sprintf("/users?limit=100&skip=%d", len(all)), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if len(page.Items) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

func accountOf(ctx context.Context, l *local, email string) (account, error) {
	all, err := accounts(ctx, l)
	if err != nil {
		return account{}, err
	}
	for _, u := range all {
		if strings.EqualFold(u.Email, email) {
			return u, nil
		}
	}
	return account{}, fmt.Errorf("there is no account for %s; reconexus user list shows them", email)
}

type userDisable struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

func (c *userDisable) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		u, err := accountOf(ctx, l, c.Email)
		if err != nil {
			return err
		}
		if err := l.call(ctx, http.MethodPatch, "/users/"+u.ID, map[string]bool{"disabled": true}, nil); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s can no longer sign in\n", u.Email)
		return err
	})
}

type userReset struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

func (c *userReset) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		u, err := accountOf(ctx, l, c.Email)
		if err != nil {
			return err
		}
		var out account
		if err := l.call(ctx, http.MethodPost, "/users/"+u.ID+"/reset", struct{}{}, &out); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "new password of %s, shown once: %s\n", u.Email, out.Password)
		return err
	})
}

type apiKeyCommand struct {
	Create apiKeyCreate `cmd:"" help:"Make a key; it is printed once."`
}

type apiKeyCreate struct {
	Name     string   `required:"" placeholder:"N" help:"What it is for."`
	Scopes   []string `required:"" placeholder:"A" help:"Permissions and other scopes."`
	Expires  string   `placeholder:"90d" help:"When it ends, in days; 90 when left out."`
	Operator string   `placeholder:"CODE" help:"Bind it to an operator."`
	Bank     string   `placeholder:"CODE" help:"Bind it to a bank."`
	MSISDN   string   `name:"msisdn" placeholder:"N" help:"Bind it to one number."`
}

func (c *apiKeyCreate) Run(ctx context.Context, p *Program, s *settings) error {
	in := map[string]any{"name": c.Name, "scopes": c.Scopes}
	for k, v := range map[string]string{"operator_code": c.Operator, "bank_code": c.Bank, "msisdn": c.MSISDN} {
		if v != "" {
			in[k] = v
		}
	}
	if c.Expires != "" {
		var days int
		if n, err := fmt.Sscanf(c.Expires, "%dd", &days); n != 1 || err != nil || days < 1 {
			return fmt.Errorf("--expires is a number of days, such as 90d")
		}
		in["expires_at"] = time.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339)
	}
	return with(ctx, p, s, func(l *local) error {
		var out struct {
			ID  string `json:"id"`
			Key string `json:"key"`
		}
		if err := l.call(ctx, http.MethodPost, "/api-keys", in, &out); err != nil {
			return err
		}
		return printJSON(p.Stdout, out)
	})
}
