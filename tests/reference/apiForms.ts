import * as marketForms from "../../src/api/marketApiJson.ts";
import * as marketsForms from "../../src/api/marketsForm.ts";
import * as tradeForms from "../../src/api/operatorApiJson.ts";
import * as factsForms from "../../src/api/operatorFactsJson.ts";
import * as refusalForms from "../../src/api/refusalForm.ts";

/** Every JSON form of the operator's interface, by name. */
export const forms = {
  ...marketForms,
  ...marketsForms,
  ...tradeForms,
  ...factsForms,
  ...refusalForms,
};
