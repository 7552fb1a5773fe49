package access_test

import (
	"testing"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

func TestNobodyMayDoNothing(t *testing.T) {
	var nobody access.Principal
	for _, need := range append(access.All(), access.SignedIn) {
		if err := nobody.Allow(need); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", need, err)
		}
	}
	if err := nobody.Allow(access.Public); err != nil {
		t.Error(err)
	}
}

func TestRolesMayWhatTheContractSays(t *testing.T) {
	if n := len(access.Admin.Permissions()); n != len(access.All()) {
		t.Errorf("an administrator has %d of %d permissions", n, len(access.All()))
	}
	for role, not := range map[access.Role][]access.Permission{
		access.Operator:  {access.SIMDelete, access.SIMBulkUpload, access.SIMDetect, access.DelinkApprove, access.AuditRead, access.PIIReveal, access.UserManage},
		access.Bank:      {access.SIMWrite, access.LinkageWrite, access.DelinkCreate, access.NotificationSend},
		access.Auditor:   {access.SIMWrite, access.LinkageWrite, access.RetentionExecute, access.PIIReveal},
		access.APIClient: {access.DashboardRead, access.NotificationRead, access.AuditRead, access.WebhookManage},
		"unheard of":     access.All(),
	} {
		p := access.Principal{ID: "usr_1", Role: role, May: role.Permissions()}
		for _, need := range not {
			if err := p.Allow(need); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s and %s: %v", role, need, err)
			}
		}
	}
}
